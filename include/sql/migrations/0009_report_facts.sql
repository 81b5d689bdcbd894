-- Amazon's margin on the client's products, the share of views that its offer was not featured, and what told a promotion.

create table core.margin_daily (
    account_id text not null,
    business_date date not null,
    asin text not null,
    net_ppm_ratio numeric,
    load_id bigint not null,
    known_from timestamptz not null,
    primary key (account_id, business_date, asin)
) partition by range (business_date);

create table core.margin_daily_history (
    like core.margin_daily,
    known_to timestamptz not null,
    primary key (account_id, business_date, asin, known_from)
) partition by range (business_date);

create table core.featured_offer_loss_daily (
    account_id text not null,
    business_date date not null,
    asin text not null,
    glance_views integer,
    lost_featured_offer_ratio numeric,
    load_id bigint not null,
    known_from timestamptz not null,
    primary key (account_id, business_date, asin)
) partition by range (business_date);

create table core.featured_offer_loss_daily_history (
    like core.featured_offer_loss_daily,
    known_to timestamptz not null,
    primary key (account_id, business_date, asin, known_from)
) partition by range (business_date);

-- The marts read one product's days.
create index margin_daily_asin on core.margin_daily (account_id, asin, business_date);
create index featured_offer_loss_daily_asin on core.featured_offer_loss_daily (account_id, asin, business_date);

create function core.margin_daily_as_of(in_at timestamptz) returns setof core.margin_daily language sql stable as $$
    select m.* from core.margin_daily as m where m.known_from <= in_at
    union all
    select h.account_id, h.business_date, h.asin, h.net_ppm_ratio, h.load_id, h.known_from
    from core.margin_daily_history as h
    where h.known_from <= in_at and h.known_to > in_at
$$;

create function core.featured_offer_loss_daily_as_of(in_at timestamptz) returns setof core.featured_offer_loss_daily language sql stable as $$
    select f.* from core.featured_offer_loss_daily as f where f.known_from <= in_at
    union all
    select h.account_id, h.business_date, h.asin, h.glance_views, h.lost_featured_offer_ratio, h.load_id, h.known_from
    from core.featured_offer_loss_daily_history as h
    where h.known_from <= in_at and h.known_to > in_at
$$;

-- Which source told a promotion: what a newer answer of one source no longer holds is gone from that source only.
alter table core.promotion add column source_code text not null default 'PLANNED' check (source_code in ('DEAL', 'COUPON', 'PLANNED'));
alter table core.promotion alter column source_code drop default;
