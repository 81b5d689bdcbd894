-- Offers: what was seen of each product's Buy Box, through the day, with every offer behind it.

create table core.offer (
    account_id text not null,
    observed_at timestamptz not null,
    asin text not null,
    seller_id text not null,
    offer_index integer not null check (offer_index > 0),
    landed_price_amount numeric,
    listing_price_amount numeric,
    shipping_amount numeric,
    currency_code text not null,
    condition_code text,
    is_featured boolean not null,
    is_prime boolean,
    is_fulfilled_by_amazon boolean,
    load_id bigint not null,
    known_from timestamptz not null,
    primary key (account_id, observed_at, asin, seller_id, offer_index)
) partition by range (observed_at);

create index offer_asin on core.offer (account_id, asin, observed_at);

-- What a sweep planned to look at and did not see: a past hour can never be looked at again.
create table ops.sweep_gap (
    account_id text not null references ops.account,
    request_id bigint not null,
    asin text not null,
    reason_code text not null check (reason_code in ('not_reached', 'refused')),
    reason text not null,
    noted_at timestamptz not null default now(),
    primary key (account_id, request_id, asin),
    foreign key (account_id, request_id) references ops.report_request
);

-- Competitors' products beside the account's own ones, as the accounts file names them.
create table ops.watched_competitor (
    account_id text not null references ops.account,
    asin text not null,
    competitor_asin text not null,
    pack_units integer not null check (pack_units > 0),
    primary key (account_id, asin, competitor_asin)
);

-- Marts read the watch list; a client reads its own.
grant select on ops.watched_competitor to daybreak_transformer, daybreak_analyst, daybreak_client, daybreak_board;
