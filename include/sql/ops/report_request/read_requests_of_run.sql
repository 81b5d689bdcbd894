-- Every request of one run with how far it has come, and of its document's rows how many are published and put aside.
select
    r.account_id,
    r.request_id,
    r.dataset_code,
    r.variant_code,
    r.window_start_date,
    r.status_code,
    r.failure_kind_code,
    r.reason,
    (
        select sum(l.staged_row_count)
        from ops.load as l
        where l.account_id = r.account_id and l.request_id = r.request_id and l.dataset_code = r.dataset_code and l.status_code = 'published'
    )::integer as published_row_count
from ops.report_request as r
where r.run_id = %(run_id)s
order by r.account_id, r.request_id
