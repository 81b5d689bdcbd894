-- Publishes the staged rows of one load into core.purchase_order_line, for the days that the ledger allows.
-- Parameters: account_id, load_id, variant_code (empty; the days are the UTC days of ordering), days (date[]), known_at
-- (an instant after the series was locked, so that versions of a row follow each other without overlap).
-- Reads the load's staging table as staged_purchase_order_line. Three statements; the caller reads their row counts in this order.

-- 1. Counts what the next two change of what stands there: rows that differ, and rows that the complete newer answer no
--    longer has. This table keeps no former versions. A row that stands in quarantine is not gone: it stays as it is.
select c.asin
from core.purchase_order_line as c
left join staged_purchase_order_line as s on c.po_number = s.po_number and c.asin = s.asin
where
    c.account_id = %(account_id)s
    and c.ordered_at >= (select min(d.day)::timestamp at time zone 'UTC' from unnest(%(days)s::date[]) as d (day))
    and c.ordered_at < (select max(d.day + 1)::timestamp at time zone 'UTC' from unnest(%(days)s::date[]) as d (day))
    and (c.ordered_at at time zone 'UTC')::date = any(%(days)s)
    and case
        when s.asin is null
            then not exists (
                select 1
                from ops.quarantine as q
                where
                    q.account_id = c.account_id
                    and q.load_id = %(load_id)s
                    and (q.business_date = (c.ordered_at at time zone 'UTC')::date or q.business_date is null)
                    and (q.asin = c.asin or q.asin is null)
            )
        else (
            c.ordered_at, c.ordered_units, c.accepted_units, c.rejected_units, c.received_units, c.net_cost_amount,
            c.currency_code, c.confirmation_code, c.window_start_date, c.window_end_date, c.status_code
        ) is distinct from (
            s.ordered_at, s.ordered_units, s.accepted_units, s.rejected_units, s.received_units, s.net_cost_amount,
            s.currency_code, s.confirmation_code, s.window_start_date, s.window_end_date, s.status_code
        )
    end;

-- 2. Rows that are gone.
delete from core.purchase_order_line as c
where
    c.account_id = %(account_id)s
    and c.ordered_at >= (select min(d.day)::timestamp at time zone 'UTC' from unnest(%(days)s::date[]) as d (day))
    and c.ordered_at < (select max(d.day + 1)::timestamp at time zone 'UTC' from unnest(%(days)s::date[]) as d (day))
    and (c.ordered_at at time zone 'UTC')::date = any(%(days)s)
    and not exists (
        select 1 from staged_purchase_order_line as s
        where s.po_number = c.po_number and s.asin = c.asin
    )
    and not exists (
        select 1
        from ops.quarantine as q
        where
            q.account_id = c.account_id
            and q.load_id = %(load_id)s
            and (q.business_date = (c.ordered_at at time zone 'UTC')::date or q.business_date is null)
            and (q.asin = c.asin or q.asin is null)
    );

-- 3. New rows, and only those old ones that differ: publishing the same answer twice changes no row.
merge into core.purchase_order_line as c
using (
    select *
    from staged_purchase_order_line as s
    where
        s.business_date = any(%(days)s)
) as s on c.account_id = %(account_id)s and c.po_number = s.po_number and c.asin = s.asin
when matched and (
    c.ordered_at, c.ordered_units, c.accepted_units, c.rejected_units, c.received_units, c.net_cost_amount,
    c.currency_code, c.confirmation_code, c.window_start_date, c.window_end_date, c.status_code
) is distinct from (
    s.ordered_at, s.ordered_units, s.accepted_units, s.rejected_units, s.received_units, s.net_cost_amount,
    s.currency_code, s.confirmation_code, s.window_start_date, s.window_end_date, s.status_code
)
then
    update
        set
            ordered_at = s.ordered_at, ordered_units = s.ordered_units, accepted_units = s.accepted_units,
            rejected_units = s.rejected_units, received_units = s.received_units,
            net_cost_amount = s.net_cost_amount, currency_code = s.currency_code,
            confirmation_code = s.confirmation_code, window_start_date = s.window_start_date,
            window_end_date = s.window_end_date, status_code = s.status_code, load_id = %(load_id)s,
            known_from = %(known_at)s
when not matched
then insert (
    account_id, po_number, asin, ordered_at, ordered_units, accepted_units, rejected_units, received_units,
    net_cost_amount, currency_code, confirmation_code, window_start_date, window_end_date, status_code, load_id,
    known_from
) values (
    %(account_id)s, s.po_number, s.asin, s.ordered_at, s.ordered_units, s.accepted_units, s.rejected_units,
    s.received_units, s.net_cost_amount, s.currency_code, s.confirmation_code, s.window_start_date,
    s.window_end_date, s.status_code, %(load_id)s, %(known_at)s
);
