-- Publishes the staged rows of one load into core.margin_daily, for the days that the ledger allows.
-- Parameters: account_id, load_id, variant_code (empty), days (date[]), known_at
-- (an instant after the series was locked, so that versions of a row follow each other without overlap).
-- Reads the load's staging table as staged_margin_daily. Three statements; the caller reads their row counts in this order.

-- 1. What was known until now goes to history: rows that differ, and rows that the complete newer report no longer has.
--    A row that stands in quarantine is not gone: its old version stays.
insert into core.margin_daily_history (
    account_id, business_date, asin, net_ppm_ratio, load_id, known_from, known_to
)
select
    c.account_id, c.business_date, c.asin, c.net_ppm_ratio, c.load_id, c.known_from, %(known_at)s
from core.margin_daily as c
left join staged_margin_daily as s on c.business_date = s.business_date and c.asin = s.asin
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
            c.net_ppm_ratio
        ) is distinct from (
            s.net_ppm_ratio
        )
    end;

-- 2. Rows that are gone.
delete from core.margin_daily as c
where
    c.account_id = %(account_id)s
    and c.business_date = any(%(days)s)
    and not exists (
        select 1 from staged_margin_daily as s
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
merge into core.margin_daily as c
using (
    select *
    from staged_margin_daily as s
    where
        s.business_date = any(%(days)s)
) as s
    -- The days stand here once more: without them every row that the account has in these months is read.
    on
        c.account_id = %(account_id)s and c.business_date = s.business_date and c.asin = s.asin
        and c.business_date = any(%(days)s)
when matched and (
    c.net_ppm_ratio
) is distinct from (
    s.net_ppm_ratio
)
then
    update
        set
            net_ppm_ratio = s.net_ppm_ratio, load_id = %(load_id)s, known_from = %(known_at)s
when not matched
then insert (
    account_id, business_date, asin, net_ppm_ratio, load_id, known_from
) values (
    %(account_id)s, s.business_date, s.asin, s.net_ppm_ratio, %(load_id)s, %(known_at)s
);
