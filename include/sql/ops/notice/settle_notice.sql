update ops.notice set
    status_code = %(status_code)s,
    reason = %(reason)s,
    settled_at = clock_timestamp()
where notice_id = %(notice_id)s
