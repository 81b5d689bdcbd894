-- Amazon cancelled the report because it has nothing for these days: an empty load, so that the answer is on record.
insert into ops.load (
    account_id, dataset_code, variant_code, request_id, window_start_date, window_end_date, status_code, verdict_code, requested_at,
    row_count, staged_row_count, quarantined_row_count, inserted_row_count, updated_row_count, removed_row_count, reason, published_at
)
values (
    %(account_id)s, %(dataset_code)s, %(variant_code)s, %(request_id)s, %(window_start_date)s, %(window_end_date)s, 'published', 'pass',
    %(requested_at)s, 0, 0, 0, 0, 0, 0, 'Amazon has no data for these days (report CANCELLED)', now()
)
returning load_id
