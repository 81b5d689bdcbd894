-- Since when it cannot be read stays: only a document of the dataset itself proves that it can.
update ops.missing_access set last_tried_at = null
where account_id = %(account_id)s and dataset_code = any(%(dataset_codes)s) and reason_code = 'role_missing'
