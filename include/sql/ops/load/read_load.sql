select
    l.account_id,
    l.load_id,
    l.dataset_code,
    l.variant_code,
    l.request_id,
    l.window_start_date,
    l.window_end_date,
    l.report_period_code,
    l.status_code,
    l.verdict_code,
    l.last_updated_date,
    l.requested_at,
    l.row_count,
    l.staged_row_count,
    l.quarantined_row_count,
    l.undelivered_row_count,
    l.reason,
    d.path as document_path,
    d.sha256 as document_sha256
from ops.load as l
left join ops.document as d on l.account_id = d.account_id and l.document_id = d.document_id
where l.load_id = %(load_id)s
