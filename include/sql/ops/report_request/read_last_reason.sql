-- Why the newest attempt at a day did not end in a published slice.
select distinct on (business_date)
    days.business_date,
    r.status_code,
    r.failure_kind_code,
    coalesce(l.reason, r.reason) as reason
from unnest(%(days)s::date[]) as days (business_date)
inner join ops.report_request as r
    on days.business_date between r.window_start_date and r.window_end_date
left join ops.load as l on r.account_id = l.account_id and r.request_id = l.request_id
where
    r.account_id = %(account_id)s
    and r.dataset_code = %(dataset_code)s
    and r.variant_code = %(variant_code)s
order by days.business_date asc, r.request_id desc, l.load_id desc
