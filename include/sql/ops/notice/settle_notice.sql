update ops.notice set
    status_code = %(status_code)s,
    reason = %(reason)s,
    settled_at = clock_timestamp()
where account_id = %(account_id)s and notice_id = %(message_number)s
