-- The newest published day of each series of an account.
select
    dataset_code,
    variant_code,
    max(business_date) as newest_date
from ops.slice
where account_id = %(account_id)s and status_code = 'published'
group by dataset_code, variant_code
