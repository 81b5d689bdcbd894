-- The slice of a dataset that was asked for last before an instant and is published. Parameters: variant_code (null: any), asked_before.
select
    s.variant_code,
    s.business_date,
    s.requested_at
from ops.slice as s
where
    s.account_id = %(account_id)s
    and s.dataset_code = %(dataset_code)s
    and (%(variant_code)s::text is null or s.variant_code = %(variant_code)s)
    and s.status_code = 'published'
    and s.requested_at <= %(asked_before)s
order by s.requested_at desc, s.business_date desc
limit 1
