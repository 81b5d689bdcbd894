-- Why the newest attempt at a day did not end in a published slice, whether its document holds
-- the day, and up to which date it speaks, where one was read.
select distinct on (business_date)
    days.business_date,
    r.status_code,
    r.failure_kind_code,
    coalesce(l.reason, r.reason) as reason,
    exists(
        select 1
        from ops.load_slice as ls
        where ls.account_id = l.account_id and ls.load_id = l.load_id and ls.business_date = days.business_date
    ) as is_delivered,
    case when l.row_count is not null then l.window_end_date end as delivered_until
from unnest(%(days)s::date[]) as days (business_date)
inner join ops.report_request as r
    on days.business_date between r.window_start_date and r.window_end_date
left join ops.load as l on r.account_id = l.account_id and r.request_id = l.request_id
where
    r.account_id = %(account_id)s
    and r.dataset_code = %(dataset_code)s
    and r.variant_code = %(variant_code)s
order by days.business_date asc, r.request_id desc, l.load_id desc
