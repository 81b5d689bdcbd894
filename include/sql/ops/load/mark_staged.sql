update ops.load set
    status_code = 'staged',
    window_start_date = %(window_start_date)s,
    window_end_date = %(window_end_date)s,
    last_updated_date = %(last_updated_date)s,
    row_count = %(row_count)s,
    staged_row_count = %(staged_row_count)s,
    quarantined_row_count = %(quarantined_row_count)s,
    unknown_fields = %(unknown_fields)s,
    staged_at = clock_timestamp()
where account_id = %(account_id)s and load_id = %(load_id)s and status_code = 'landed'
