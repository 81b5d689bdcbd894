-- What people did about one control, in the order in which they did it.
select
    account_id,
    control_id,
    asin,
    action_code,
    actor_name,
    acted_at,
    note,
    spend_amount,
    follow_up_date
from ops.control_action
where account_id = any(%(account_ids)s) and control_id = %(control_id)s
order by acted_at, action_id
