-- The requests that the runs planned, and how many of them have come to an end.
select
    count(*) as request_count,
    count(*) filter (where status_code in ('done', 'no_data', 'failed')) as ended_count
from ops.report_request
where run_id = any(%(run_ids)s)
