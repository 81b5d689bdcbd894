-- The lines whose cause began in a week, each as its newest morning up to the Sunday after shows it, the largest stake first.
select
    c.control_id,
    c.control_date,
    c.opened_date,
    c.cause_code,
    c.action_code,
    c.asins,
    p.client_sku,
    p.name,
    c.stake_amount,
    c.human_status_code
from (
    select distinct on (l.control_id) l.*
    from mart.daily_control as l
    where
        l.account_id = %(account_id)s
        and l.control_date between %(week_end_date)s::date - 5 and %(week_end_date)s::date + 1
        and l.opened_date between %(week_end_date)s::date - 6 and %(week_end_date)s
    order by l.control_id asc, l.control_date desc
) as c
left join lateral (
    select
        q.client_sku,
        q.name
    from core.product as q
    where q.account_id = c.account_id and q.asin = c.asins[1] and q.valid_from_date <= c.business_date
    order by q.valid_from_date desc
    limit 1
) as p on true
order by c.stake_amount desc nulls last, c.control_id asc
