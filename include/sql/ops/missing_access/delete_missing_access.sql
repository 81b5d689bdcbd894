delete from ops.missing_access
where account_id = %(account_id)s and dataset_code = any(%(dataset_codes)s)
