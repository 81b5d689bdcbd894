update ops.load set
    status_code = %(status_code)s,
    verdict_code = %(verdict_code)s,
    reason = %(reason)s,
    gated_at = clock_timestamp()
where account_id = %(account_id)s and load_id = %(load_id)s and status_code = 'staged'
