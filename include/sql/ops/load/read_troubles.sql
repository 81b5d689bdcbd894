-- Loads that did not get through and that no later load of the same days made good. What was only to be seen that day cannot be
-- asked for again: there the next look makes good.
select
    l.load_id,
    l.dataset_code,
    l.variant_code,
    l.status_code,
    l.reason,
    l.window_start_date,
    l.window_end_date
from ops.load as l
where
    l.account_id = %(account_id)s
    and l.status_code in ('blocked', 'rejected')
    and not exists (
        select 1
        from ops.load as newer
        where
            newer.account_id = l.account_id
            and newer.dataset_code = l.dataset_code
            and newer.status_code = 'published'
            and newer.load_id > l.load_id
            and (
                l.dataset_code in (
                    select d.dataset_code
                    from ops.dataset as d
                    where d.calendar_code = 'observation'
                )
                or (
                    newer.variant_code = l.variant_code
                    and newer.window_start_date <= l.window_start_date
                    and newer.window_end_date >= l.window_end_date
                )
            )
    )
order by l.load_id
