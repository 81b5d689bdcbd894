update ops.load set
    status_code = 'released',
    released_by = %(released_by)s,
    release_reason = %(release_reason)s
where account_id = %(account_id)s and load_id = %(load_id)s and status_code = 'blocked'
