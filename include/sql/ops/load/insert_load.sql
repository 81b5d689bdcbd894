insert into ops.load (
    account_id, dataset_code, variant_code, document_id, request_id, window_start_date, window_end_date, status_code, requested_at,
    report_period_code
)
values (
    %(account_id)s, %(dataset_code)s, %(variant_code)s, %(document_id)s, %(request_id)s, %(window_start_date)s, %(window_end_date)s,
    'landed', %(requested_at)s, %(report_period_code)s
)
returning load_id
