-- First seen dates from the staged rows of the load being published. They are the rows that the facts of these days have gained, and
-- a heap of one load is read in a fraction of the time that the same rows cost by way of the facts' index.

drop function core.note_first_seen(text, text, date[], boolean);

-- Keeps core.product.first_seen_date: the earliest row of an ASIN in sales, inventory or traffic. ASINs that the client has not
-- described are prefilled as active, priority B. Where rows were removed, the date is looked up anew, because it may have moved.
-- To be called in the transaction that publishes in_days of the load, while its staging table is there.
create function core.note_first_seen(
    in_account_id text, in_dataset_code text, in_load_id bigint, in_days date[], in_rows_removed boolean
) returns void language plpgsql as $$
declare
    staging_name text := format('staging.%I', format('%s_%s', in_dataset_code, in_load_id));
begin
    execute format(
        'insert into core.product as p (account_id, asin, valid_from_date, first_seen_date) '
        'select $1, f.asin, ''1970-01-01'', min(f.business_date) from %s as f '
        'where f.business_date = any($2) '
        'and not exists (select 1 from core.product as q where q.account_id = $1 and q.asin = f.asin) '
        'group by f.asin order by f.asin '
        'on conflict (account_id, asin, valid_from_date) do nothing',
        staging_name
    ) using in_account_id, in_days;
    -- A statement of its own: it also sees the products that another load of the account has inserted meanwhile.
    execute format(
        'update core.product as p set first_seen_date = f.first_date '
        'from (select g.asin, min(g.business_date) as first_date from %s as g where g.business_date = any($2) group by g.asin) as f '
        'where p.account_id = $1 and p.asin = f.asin and (p.first_seen_date is null or p.first_seen_date > f.first_date)',
        staging_name
    ) using in_account_id, in_days;
    if in_rows_removed then
        update core.product as p
        set first_seen_date = (
            select min(seen.first_date) from (
                select min(s.business_date) as first_date from core.sales_daily as s where s.account_id = p.account_id and s.asin = p.asin
                union all
                select min(i.business_date) from core.inventory_daily as i where i.account_id = p.account_id and i.asin = p.asin
                union all
                select min(t.business_date) from core.traffic_daily as t where t.account_id = p.account_id and t.asin = p.asin
            ) as seen
        )
        where p.account_id = in_account_id and p.first_seen_date = any(in_days);
    end if;
end $$;
