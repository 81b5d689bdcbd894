-- One line by its name: that of the morning asked for, else the newest.
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
    null::text as client_sku,
    null::text as name,
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
where c.control_id = %(control_id)s and (%(control_date)s::date is null or c.control_date = %(control_date)s::date)
order by c.control_date desc
limit 1
