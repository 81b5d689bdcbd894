-- How long Amazon usually works on what is asked for: the median of the newest requests of all accounts.
select percentile_cont(0.5) within group (order by seconds) as seconds
from (
    select extract(epoch from r.polled_at - r.asked_at) as seconds
    from ops.report_request as r
    where r.status_code = 'done' and r.polled_at > r.asked_at
    order by r.finished_at desc
    limit 50
) as newest
