-- What this run asked for, Amazon refused, and asking again will not cure by itself.
select
    account_id,
    dataset_code,
    variant_code,
    window_start_date,
    window_end_date,
    reason
from ops.report_request
where run_id = %(run_id)s and status_code = 'failed' and failure_kind_code in ('give_up', 'data_error')
order by account_id, request_id
