update ops.load set
    status_code = %(status_code)s,
    inserted_row_count = %(inserted)s,
    updated_row_count = %(updated)s,
    removed_row_count = %(removed)s,
    published_at = now()
where account_id = %(account_id)s and load_id = %(load_id)s
