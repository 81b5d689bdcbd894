-- Newer figures of all its days are published: nothing of it can be, whatever its gate would say.
update ops.load set
    status_code = 'superseded',
    reason = %(reason)s,
    gated_at = clock_timestamp()
where account_id = %(account_id)s and load_id = %(load_id)s and status_code = 'staged'
