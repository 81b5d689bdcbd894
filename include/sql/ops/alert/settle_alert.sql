update ops.alert set
    status_code = %(status_code)s,
    reason = %(reason)s,
    settled_at = clock_timestamp()
where alert_id = %(message_number)s
