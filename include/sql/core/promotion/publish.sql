-- Publishes the staged rows of one load into core.promotion, for the days that the ledger allows.
-- Parameters: account_id, load_id, variant_code (which source tells it; the days are first days of months), days (date[]), known_at
-- (an instant after the series was locked, so that versions of a row follow each other without overlap).
-- Reads the load's staging table as staged_promotion. Three statements; the caller reads their row counts in this order.

-- A promotion may move to another month. Of two months that tell of it the newer payload holds, whichever is published first.

-- 1. Counts what the next two change of what stands there: rows that differ, and rows that the complete newer report no
--    longer has. This table keeps no former versions. A row that stands in quarantine is not gone: it stays as it is.
select c.asin
from core.promotion as c
left join staged_promotion as s on c.promotion_id = s.promotion_id and c.asin = s.asin and s.business_date = any(%(days)s)
where
    c.account_id = %(account_id)s
    and c.source_code = %(variant_code)s
    and case
        when s.asin is null
            then date_trunc('month', c.start_at at time zone 'UTC')::date = any(%(days)s) and not exists (
                select 1
                from ops.quarantine as q
                where
                    q.account_id = c.account_id
                    and q.load_id = %(load_id)s
                    and (q.business_date = date_trunc('month', c.start_at at time zone 'UTC')::date or q.business_date is null)
                    and (q.asin = c.asin or q.asin is null)
            )
        else (
            c.source_code, c.kind_code, c.start_at, c.end_at, c.funding_per_unit_amount, c.units, c.spend_amount,
            c.currency_code
        ) is distinct from (
            s.source_code, s.kind_code, s.start_at, s.end_at, s.funding_per_unit_amount, s.units, s.spend_amount,
            s.currency_code
        ) and not exists (
            select 1
            from ops.slice as n
            inner join ops.load as l on n.account_id = l.account_id
            where
                n.account_id = c.account_id
                and n.dataset_code = 'promotion'
                and n.variant_code = c.source_code
                and n.business_date = date_trunc('month', c.start_at at time zone 'UTC')::date
                and l.load_id = %(load_id)s
                and (coalesce(n.last_updated_date, '-infinity'), n.requested_at, n.load_id)
                > (coalesce(l.last_updated_date, '-infinity'), l.requested_at, l.load_id)
        )
    end;

-- 2. Rows that are gone.
delete from core.promotion as c
where
    c.account_id = %(account_id)s
    and c.source_code = %(variant_code)s
    and date_trunc('month', c.start_at at time zone 'UTC')::date = any(%(days)s)
    and not exists (
        select 1 from staged_promotion as s
        where s.promotion_id = c.promotion_id and s.asin = c.asin and s.business_date = any(%(days)s)
    )
    and not exists (
        select 1
        from ops.quarantine as q
        where
            q.account_id = c.account_id
            and q.load_id = %(load_id)s
            and (q.business_date = date_trunc('month', c.start_at at time zone 'UTC')::date or q.business_date is null)
            and (q.asin = c.asin or q.asin is null)
    );

-- 3. New rows, and only those old ones that differ: publishing the same report twice changes no row. What Amazon tells of a
--    promotion replaces its plan, and a plan never replaces what Amazon tells.
merge into core.promotion as c
using (
    select *
    from staged_promotion as s
    where
        s.business_date = any(%(days)s)
        and not exists (
            select 1
            from core.promotion as k
            where
                k.account_id = %(account_id)s
                and k.promotion_id = s.promotion_id
                and k.asin = s.asin
                and k.source_code = %(variant_code)s
                and exists (
                    select 1
                    from ops.slice as n
                    inner join ops.load as l on n.account_id = l.account_id
                    where
                        n.account_id = k.account_id
                        and n.dataset_code = 'promotion'
                        and n.variant_code = k.source_code
                        and n.business_date = date_trunc('month', k.start_at at time zone 'UTC')::date
                        and l.load_id = %(load_id)s
                        and (coalesce(n.last_updated_date, '-infinity'), n.requested_at, n.load_id)
                        > (coalesce(l.last_updated_date, '-infinity'), l.requested_at, l.load_id)
                )
        )
) as s on c.account_id = %(account_id)s and c.promotion_id = s.promotion_id and c.asin = s.asin
when matched and (c.source_code = s.source_code or s.source_code <> 'PLANNED') and (
    c.source_code, c.kind_code, c.start_at, c.end_at, c.funding_per_unit_amount, c.units, c.spend_amount,
    c.currency_code
) is distinct from (
    s.source_code, s.kind_code, s.start_at, s.end_at, s.funding_per_unit_amount, s.units, s.spend_amount,
    s.currency_code
)
then
    update
        set
            source_code = s.source_code, kind_code = s.kind_code, start_at = s.start_at, end_at = s.end_at,
            funding_per_unit_amount = s.funding_per_unit_amount, units = s.units, spend_amount = s.spend_amount,
            currency_code = s.currency_code, load_id = %(load_id)s, known_from = %(known_at)s
when not matched
then insert (
    account_id, promotion_id, asin, source_code, kind_code, start_at, end_at, funding_per_unit_amount, units,
    spend_amount, currency_code, load_id, known_from
) values (
    %(account_id)s, s.promotion_id, s.asin, s.source_code, s.kind_code, s.start_at, s.end_at,
    s.funding_per_unit_amount, s.units, s.spend_amount, s.currency_code, %(load_id)s, %(known_at)s
);
