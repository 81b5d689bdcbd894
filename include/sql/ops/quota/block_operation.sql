-- After a 429 the bucket is empty, whatever we thought, and stays shut for a while.
update ops.quota set
    tokens = 0,
    refilled_at = clock_timestamp(),
    blocked_until = greatest(blocked_until, clock_timestamp() + make_interval(secs => %(seconds)s))
where credential_id = %(credential_id)s and operation_code = %(operation_code)s
