-- The same document decoded once more: the verdict stands, because the same bytes give the same rows.
update ops.load set
    staged_row_count = %(staged_row_count)s,
    quarantined_row_count = %(quarantined_row_count)s,
    staged_at = clock_timestamp()
where account_id = %(account_id)s and load_id = %(load_id)s
