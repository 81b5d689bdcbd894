-- First seen dates by one reading of the staged rows instead of two: what is known of the load's ASINs is gathered once and serves both
-- statements.

create or replace function core.note_first_seen(
    in_account_id text, in_dataset_code text, in_load_id bigint, in_days date[], in_rows_removed boolean
) returns void language plpgsql as $$
declare
    staging_name text := format('staging.%I', format('%s_%s', in_dataset_code, in_load_id));
    seen_asins text[];
    first_dates date[];
begin
    execute format(
        'select array_agg(f.asin order by f.asin), array_agg(f.first_date order by f.asin) from ('
        'select g.asin, min(g.business_date) as first_date from %s as g where g.business_date = any($1) group by g.asin'
        ') as f',
        staging_name
    ) into seen_asins, first_dates using in_days;
    insert into core.product as p (account_id, asin, valid_from_date, first_seen_date)
    select in_account_id, f.asin, date '1970-01-01', f.first_date
    from unnest(seen_asins, first_dates) as f (asin, first_date)
    where not exists (select 1 from core.product as q where q.account_id = in_account_id and q.asin = f.asin)
    on conflict (account_id, asin, valid_from_date) do nothing;
    -- A statement of its own: it also sees the products that another load of the account has inserted meanwhile.
    update core.product as p set first_seen_date = f.first_date
    from unnest(seen_asins, first_dates) as f (asin, first_date)
    where p.account_id = in_account_id and p.asin = f.asin and (p.first_seen_date is null or p.first_seen_date > f.first_date);
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
