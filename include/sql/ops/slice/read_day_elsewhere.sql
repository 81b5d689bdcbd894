-- What the newest reports of the other active accounts say of a day: how many accounts have rows, and how many have none although days
-- before it have some. A report counts once it is staged, also while its gate holds it back; views are reports of their own.
select
    count(*) filter (where answer.most_row_count > 0) as filled_account_count,
    count(*) filter (where answer.most_row_count = 0 and usual.is_filled) as empty_account_count
from ops.account as a
cross join
    lateral (
        select max(newest.row_count) as most_row_count
        from (
            select distinct on (report.variant_code) report.row_count
            from (
                select s.variant_code, s.row_count, s.last_updated_date, s.requested_at, s.load_id
                from ops.slice as s
                where
                    s.account_id = a.account_id
                    and s.dataset_code = %(dataset_code)s
                    and s.business_date = %(business_date)s
                    and s.status_code = 'published'
                union all
                select l.variant_code, ls.row_count, l.last_updated_date, l.requested_at, l.load_id
                from ops.load as l
                inner join ops.load_slice as ls on l.account_id = ls.account_id and l.load_id = ls.load_id
                where
                    l.account_id = a.account_id
                    and l.dataset_code = %(dataset_code)s
                    and l.status_code in ('staged', 'gated', 'blocked', 'released')
                    and ls.business_date = %(business_date)s
            ) as report
            order by
                report.variant_code asc, coalesce(report.last_updated_date, '-infinity') desc, report.requested_at desc, report.load_id desc
        ) as newest
    ) as answer
cross join
    lateral (
        select exists(
            select 1
            from ops.slice as s
            where
                s.account_id = a.account_id
                and s.dataset_code = %(dataset_code)s
                and s.business_date between %(business_date)s::date - 28 and %(business_date)s::date - 1
                and s.status_code = 'published'
                and s.row_count > 0
        ) as is_filled
    ) as usual
where a.is_active and a.account_id <> %(account_id)s
