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
