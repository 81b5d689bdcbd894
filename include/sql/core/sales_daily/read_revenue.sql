-- What an account sold on each day up to the newest published one: ordered revenue, in the sourcing view the shipped.
-- A published day without rows sold nothing; a day that is not published, or whose figure is unknown, has none.
with newest as (
    select
        a.primary_distributor_view_code as view_code,
        max(s.business_date) as business_date
    from ops.account as a
    inner join ops.slice as s on a.account_id = s.account_id
    where
        a.account_id = %(account_id)s
        and s.dataset_code = 'sales_daily'
        and s.variant_code = a.primary_distributor_view_code
        and s.status_code = 'published'
        and s.business_date <= %(last_date)s
    group by a.primary_distributor_view_code
)

select
    d.business_date::date,
    case when count(f.asin) = 0 then 0 when bool_and(f.amount is not null) then sum(f.amount) end
    * case when s.business_date is not null then 1 end as revenue_amount
from newest as n
cross join lateral generate_series(n.business_date - %(days)s + 1, n.business_date, interval '1 day') as d (business_date)
left join
    ops.slice as s
    on
        s.account_id = %(account_id)s
        and s.dataset_code = 'sales_daily'
        and n.view_code = s.variant_code
        and s.business_date = d.business_date::date
        and s.status_code = 'published'
left join lateral (
    select
        q.asin,
        case when n.view_code = 'SOURCING' then q.shipped_revenue_amount else q.ordered_revenue_amount end as amount
    from core.sales_daily as q
    where q.account_id = %(account_id)s and q.business_date = d.business_date::date and q.distributor_view_code = n.view_code
) as f on true
group by d.business_date, s.business_date
order by d.business_date asc
