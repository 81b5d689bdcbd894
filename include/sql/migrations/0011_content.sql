-- What stood on the page of each product when Daybreak looked at it.

create table core.content_snapshot (
    account_id text not null,
    observed_date date not null,
    asin text not null,
    page_status_code text not null check (page_status_code in ('live', 'not_found')),
    title text,
    brand_name text,
    bullets jsonb,
    description text,
    images jsonb,
    product_type_code text,
    classification_id text,
    parent_asin text,
    sales_rank integer,
    attributes jsonb,
    has_a_plus boolean,
    replenishment_category_code text,
    load_id bigint not null,
    known_from timestamptz not null,
    primary key (account_id, observed_date, asin)
) partition by range (observed_date);

-- The marts compare a page with its last look, and with others of its classification.
create index content_snapshot_asin on core.content_snapshot (account_id, asin, observed_date);

-- The ASINs that stand in an account's reports of sales, inventory and traffic that are staged and not yet published. On an account's
-- first morning no other place names its products.
create function ops.staged_asins(in_account_id text) returns setof text language plpgsql stable as $$
declare
    staged record;
begin
    for staged in
        select format('staging.%I', format('%s_%s', l.dataset_code, l.load_id)) as staging_name
        from ops.load as l
        where l.account_id = in_account_id and l.status_code in ('staged', 'gated', 'released')
            and l.dataset_code in ('sales_daily', 'inventory_daily', 'traffic_daily')
    loop
        if to_regclass(staged.staging_name) is not null then
            return query execute format('select distinct s.asin from %s as s', staged.staging_name);
        end if;
    end loop;
end $$;
