-- The first day to build from, so that the row of a real-time day that is no longer the newest goes.
select min(s.business_date)
from mart.sales_signal_daily as s
where
    s.account_id = %(account_id)s
    and s.business_date between %(from_date)s::date - 60 and %(to_date)s::date
    and s.is_early_drop is not null
