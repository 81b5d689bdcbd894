update ops.report_request set
    status_code = %(status_code)s,
    failure_kind_code = %(failure_kind_code)s,
    reason = %(reason)s,
    finished_at = clock_timestamp()
where account_id = %(account_id)s and request_id = %(request_id)s and status_code in ('asked', 'waiting')
