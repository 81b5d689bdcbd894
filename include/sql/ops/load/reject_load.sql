update ops.load set
    status_code = 'rejected',
    reason = %(reason)s
where account_id = %(account_id)s and load_id = %(load_id)s and status_code = any(%(status_codes)s)
