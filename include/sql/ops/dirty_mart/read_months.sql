-- The months in which a mart of an account owes days before a day, the newest first, each with the first and last of them.
select
    min(business_date) as first_date,
    max(business_date) as last_date
from ops.dirty_mart
where
    account_id = %(account_id)s and mart_code = %(mart_code)s
    and business_date >= %(keep_from)s and business_date < %(before_date)s
group by date_trunc('month', business_date)
order by first_date desc
