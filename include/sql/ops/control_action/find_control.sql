-- The control of that name among these accounts, as the newest morning that names it shows it. None: nobody ever saw it.
select
    account_id,
    control_id,
    control_date,
    cause_code,
    asins
from mart.daily_control
where account_id = any(%(account_ids)s) and control_id = %(control_id)s
order by control_date desc
limit 1
