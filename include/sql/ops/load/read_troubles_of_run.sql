-- What a run asked for that did not get through its gate or could not be read.
select
    l.account_id,
    l.load_id,
    l.dataset_code,
    l.status_code,
    l.reason
from ops.report_request as r
inner join ops.load as l on r.account_id = l.account_id and r.request_id = l.request_id
where r.run_id = %(run_id)s and l.status_code in ('blocked', 'rejected')
order by l.account_id, l.load_id
