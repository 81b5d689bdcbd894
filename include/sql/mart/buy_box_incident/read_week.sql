-- The confirmed losses that were open at some time of a week, what cost most first.
select
    i.asin,
    p.client_sku,
    p.name,
    i.opened_at,
    i.closed_at,
    i.cause_code,
    i.winner_seller_id,
    i.winner_price_amount,
    i.our_price_amount,
    i.hours_open,
    i.is_breached,
    i.is_censored,
    i.lost_revenue_amount
from mart.buy_box_incident as i
inner join ops.account as a on i.account_id = a.account_id
left join lateral (
    select
        q.client_sku,
        q.name
    from core.product as q
    where q.account_id = i.account_id and q.asin = i.asin and q.valid_from_date <= %(week_end_date)s
    order by q.valid_from_date desc
    limit 1
) as p on true
where
    i.account_id = %(account_id)s
    and i.confirmed_at is not null
    and i.opened_date <= %(week_end_date)s
    and coalesce((i.closed_at at time zone a.time_zone)::date >= %(week_end_date)s::date - 6, true)
order by i.lost_revenue_amount desc nulls last, i.opened_at asc, i.asin asc
