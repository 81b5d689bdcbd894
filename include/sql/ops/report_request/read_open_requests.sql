select
    request_id,
    dataset_code,
    variant_code,
    window_start_date,
    window_end_date,
    generation,
    status_code,
    run_id,
    purpose_code,
    amazon_report_id,
    amazon_document_id,
    amazon_status_code,
    asking_at,
    asked_at
from ops.report_request
where account_id = %(account_id)s and status_code in ('asked', 'waiting')
order by window_end_date desc, dataset_code asc, variant_code asc, request_id asc
