-- Publishes the staged rows of one load into core.traffic_daily, for the days that the ledger allows.
-- Parameters: account_id, load_id, variant_code (the distributor view, empty where there is none), days (date[]), known_at
-- (an instant after the series was locked, so that versions of a row follow each other without overlap).
-- Reads the load's staging table as staged_traffic_daily. Three statements; the caller reads their row counts in this order.

-- 1. What was known until now goes to history: rows that differ, and rows that the complete newer report no longer has.
--    A row that stands in quarantine is not gone: its old version stays.
insert into core.traffic_daily_history (
    account_id, business_date, asin, glance_views, load_id, known_from, known_to
)
select
    c.account_id, c.business_date, c.asin, c.glance_views, c.load_id, c.known_from, %(known_at)s
from core.traffic_daily as c
left join staged_traffic_daily as s on c.business_date = s.business_date and c.asin = s.asin
where
    c.account_id = %(account_id)s
    and c.business_date = any(%(days)s)
    and case
        when s.asin is null
            then not exists (
                select 1
                from ops.quarantine as q
                where
                    q.account_id = c.account_id
                    and q.load_id = %(load_id)s
                    and (q.business_date = c.business_date or q.business_date is null)
                    and (q.asin = c.asin or q.asin is null)
            )
        else (
            c.glance_views
        ) is distinct from (
            s.glance_views
        )
    end;

-- 2. Rows that are gone.
delete from core.traffic_daily as c
where
    c.account_id = %(account_id)s
    and c.business_date = any(%(days)s)
    and not exists (
        select 1 from staged_traffic_daily as s
        where s.business_date = c.business_date and s.asin = c.asin
    )
    and not exists (
        select 1
        from ops.quarantine as q
        where
            q.account_id = c.account_id
            and q.load_id = %(load_id)s
            and (q.business_date = c.business_date or q.business_date is null)
            and (q.asin = c.asin or q.asin is null)
    );

-- 3. New rows, and only those old ones that differ: publishing the same report twice changes no row.
merge into core.traffic_daily as c
using (
    select *
    from staged_traffic_daily as s
    where
        s.business_date = any(%(days)s)
) as s
    -- The days stand here once more: without them every row that the account has in these months is read.
    on
        c.account_id = %(account_id)s
        and c.business_date = any(%(days)s)
        and c.business_date = s.business_date
        and c.asin = s.asin
when matched and (
    c.glance_views
) is distinct from (
    s.glance_views
)
then
    update
        set
            glance_views = s.glance_views, load_id = %(load_id)s, known_from = %(known_at)s
when not matched
then insert (
    account_id, business_date, asin, glance_views, load_id, known_from
) values (
    %(account_id)s, s.business_date, s.asin, s.glance_views, %(load_id)s, %(known_at)s
);
