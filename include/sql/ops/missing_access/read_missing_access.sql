select
    dataset_code,
    credential_code,
    reason_code,
    role_name,
    reason,
    noted_at,
    last_tried_at
from ops.missing_access
where account_id = %(account_id)s
order by dataset_code
