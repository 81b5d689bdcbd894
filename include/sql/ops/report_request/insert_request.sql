insert into ops.report_request (account_id, dataset_code, variant_code, window_start_date, window_end_date, generation, run_id, purpose_code)
select
    %(account_id)s,
    %(dataset_code)s,
    %(variant_code)s,
    %(window_start_date)s,
    %(window_end_date)s,
    coalesce(max(r.generation), 0) + 1,
    %(run_id)s,
    %(purpose_code)s
from ops.report_request as r
where
    r.account_id = %(account_id)s
    and r.dataset_code = %(dataset_code)s
    and r.variant_code = %(variant_code)s
    and r.window_start_date = %(window_start_date)s
    and r.window_end_date = %(window_end_date)s
returning request_id
