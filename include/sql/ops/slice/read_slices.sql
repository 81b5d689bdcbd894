select
    business_date,
    status_code,
    row_count,
    content_hash,
    requested_at,
    confirmed_at
from ops.slice
where
    account_id = %(account_id)s
    and dataset_code = %(dataset_code)s
    and variant_code = %(variant_code)s
    and business_date between %(from_date)s and %(to_date)s
order by business_date
