insert into ops.missing_access (account_id, dataset_code, credential_code, reason_code, role_name, reason, last_tried_at)
values (%(account_id)s, %(dataset_code)s, %(credential_code)s, %(reason_code)s, %(role_name)s, %(reason)s, clock_timestamp())
on conflict (account_id, dataset_code) do update set
    credential_code = excluded.credential_code,
    reason_code = excluded.reason_code,
    role_name = excluded.role_name,
    reason = excluded.reason,
    last_tried_at = excluded.last_tried_at
