-- The request for a dataset that was planned last before an instant.
select
    r.request_id,
    r.variant_code,
    r.window_start_date,
    r.status_code,
    r.reason
from ops.report_request as r
where
    r.account_id = %(account_id)s
    and r.dataset_code = %(dataset_code)s
    and r.planned_at <= %(asked_before)s
order by r.planned_at desc, r.request_id desc
limit 1
