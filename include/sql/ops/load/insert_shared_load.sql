-- The same landed document once more, for another dataset whose rows it holds.
insert into ops.load (
    account_id, dataset_code, variant_code, document_id, request_id, window_start_date, window_end_date, status_code, requested_at,
    report_period_code
)
select
    l.account_id, %(dataset_code)s, l.variant_code, l.document_id, l.request_id, l.window_start_date, l.window_end_date, 'landed',
    l.requested_at, l.report_period_code
from ops.load as l
where l.account_id = %(account_id)s and l.load_id = %(load_id)s
returning load_id
