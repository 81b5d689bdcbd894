-- What is in the bucket now; nothing is taken.
select
    rate_per_second,
    least(burst, tokens + extract(epoch from clock_timestamp() - refilled_at) * rate_per_second) as tokens
from ops.quota
where credential_id = %(credential_id)s and operation_code = %(operation_code)s
