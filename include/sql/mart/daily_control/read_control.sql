-- Where one line stands by its name: of the morning asked for, else of the newest.
select
    account_id,
    control_date
from mart.daily_control
where control_id = %(control_id)s and (%(control_date)s::date is null or control_date = %(control_date)s::date)
order by control_date desc
limit 1
