update ops.build set
    status_code = %(status_code)s,
    verdict_code = %(verdict_code)s,
    reason = %(reason)s
where account_id = %(account_id)s and build_id = %(build_id)s and status_code = 'built'
