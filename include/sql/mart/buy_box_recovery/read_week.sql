-- The winning back of the losses that were open at some time of a week: what was advised, agreed and spent, and what it brought. A Buy Box that
-- was taken back regains its usual revenue from then to the end of the week, or to the product's next confirmed loss.
-- noqa: disable=LT02,ST09
select
    r.asin,
    p.client_sku,
    p.name,
    r.opened_at,
    r.advice_code,
    r.our_price_amount,
    r.target_price_amount,
    r.funding_per_unit_amount,
    r.budget_14d_amount,
    r.approval_code,
    r.approval_actor_name,
    r.approval_at,
    r.spend_amount,
    i.closed_at,
    r.retaken_at,
    i.lost_revenue_amount,
    case
        when r.retaken_at < k.ended_at then round(
            i.baseline_revenue_amount * (extract(epoch from least(n.opened_at, k.ended_at) - r.retaken_at) / 604800)::numeric, 4
        )
    end as regained_revenue_amount
from mart.buy_box_recovery as r
inner join ops.account as a on r.account_id = a.account_id
cross join lateral (
    select
        (%(week_end_date)s::date - 6)::timestamp at time zone a.time_zone as began_at,
        (%(week_end_date)s::date + 1)::timestamp at time zone a.time_zone as ended_at
) as k
inner join mart.buy_box_incident as i on i.account_id = r.account_id and i.asin = r.asin and i.opened_at = r.opened_at
left join lateral (
    select min(o.opened_at) as opened_at from mart.buy_box_incident as o
    where o.account_id = r.account_id and o.asin = r.asin and o.opened_at >= i.closed_at and o.confirmed_at is not null
) as n on true
left join lateral (
    select
        q.client_sku,
        q.name
    from core.product as q
    where q.account_id = r.account_id and q.asin = r.asin and q.valid_from_date <= %(week_end_date)s
    order by q.valid_from_date desc
    limit 1
) as p on true
where
    r.account_id = %(account_id)s
    and r.opened_at < k.ended_at
    and coalesce(i.closed_at >= k.began_at, true)
order by regained_revenue_amount desc nulls last, i.lost_revenue_amount desc nulls last, r.opened_at asc, r.asin asc
