select distinct covered.business_date::date as business_date
from ops.build as b
cross join lateral generate_series(b.from_date::timestamp, b.to_date::timestamp, interval '1 day') as covered (business_date)
where
    b.account_id = %(account_id)s
    and b.mart_code = %(mart_code)s
    and b.status_code = 'published'
    and b.to_date >= %(from_date)s
    and covered.business_date between %(from_date)s and %(to_date)s
