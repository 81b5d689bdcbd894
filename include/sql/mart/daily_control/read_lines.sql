-- The lines of one morning, by account, lane and place, with the client's own names of the first product.
select
    c.account_id,
    c.control_date,
    c.control_id,
    c.business_date,
    c.family_code,
    c.cause_code,
    c.action_code,
    c.bundle_code,
    c.asins,
    p.client_sku,
    p.name,
    c.symptoms,
    c.opened_date,
    c.age_days,
    c.reopened_count,
    c.is_new,
    c.is_worsened,
    c.due_at,
    c.lane_code,
    c.lane_place,
    c.human_status_code,
    c.follow_up_date,
    c.stake_amount,
    c.priority_score,
    c.currency_code,
    c.evidence,
    c.data_status_code
from mart.daily_control as c
left join lateral (
    select
        q.client_sku,
        q.name
    from core.product as q
    where q.account_id = c.account_id and q.asin = c.asins[1] and q.valid_from_date <= c.business_date
    order by q.valid_from_date desc
    limit 1
) as p on true
where c.account_id = any(%(account_ids)s) and c.control_date = %(control_date)s
order by
    c.account_id asc,
    array_position(array['today', 'watch', 'waiting', 'weekly', 'backlog'], c.lane_code),
    c.lane_place asc
