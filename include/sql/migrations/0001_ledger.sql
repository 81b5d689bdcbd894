-- The layers, and the ledger that says what was asked, received, judged and published.

-- Which migration files this warehouse has, and what they said when they were applied.
create table public.daybreak_migration (
    revision text primary key,
    file_name text not null,
    checksum text not null,
    applied_at timestamptz not null default now()
);

create schema ops;
create schema staging;
create schema core;
create schema candidate;
create schema mart;

create table ops.account (
    account_id text primary key,
    name text not null,
    marketplace_code text not null,
    marketplace_id text not null,
    currency_code text not null check (currency_code ~ '^[A-Z]{3}$'),
    time_zone text not null,
    credential_id text not null,
    primary_distributor_view_code text not null check (primary_distributor_view_code in ('MANUFACTURING', 'SOURCING')),
    thresholds jsonb not null,
    is_active boolean not null,
    synced_at timestamptz not null
);

create table ops.credential (
    credential_id text primary key,
    kind_code text not null check (kind_code in ('vendor', 'seller')),
    noted_at timestamptz not null default now()
);

create table ops.report_request (
    account_id text not null references ops.account,
    request_id bigint generated always as identity,
    dataset_code text not null,
    variant_code text not null,
    window_start_date date not null,
    window_end_date date not null,
    generation integer not null check (generation > 0),
    status_code text not null default 'asked' check (status_code in ('asked', 'waiting', 'done', 'no_data', 'failed')),
    run_id text not null,
    amazon_report_id text,
    amazon_document_id text,
    planned_at timestamptz not null default now(),
    asking_at timestamptz,
    asked_at timestamptz,
    polled_at timestamptz,
    finished_at timestamptz,
    amazon_status_code text,
    failure_kind_code text check (failure_kind_code in ('retry', 'give_up', 'skip', 'data_error')),
    reason text,
    primary key (account_id, request_id),
    unique (account_id, dataset_code, variant_code, window_start_date, window_end_date, generation),
    check (window_end_date >= window_start_date)
);
create index report_request_open on ops.report_request (account_id, status_code) where status_code in ('asked', 'waiting');
create unique index report_request_amazon_id on ops.report_request (account_id, amazon_report_id) where amazon_report_id is not null;

create table ops.document (
    account_id text not null references ops.account,
    document_id bigint generated always as identity,
    request_id bigint,
    dataset_code text not null,
    source_code text not null check (source_code in ('spapi', 'file')),
    path text not null,
    sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    size_bytes bigint not null check (size_bytes >= 0),
    received_at timestamptz not null,
    primary key (account_id, document_id),
    foreign key (account_id, request_id) references ops.report_request
);

create table ops.load (
    account_id text not null references ops.account,
    load_id bigint generated always as identity,
    dataset_code text not null,
    variant_code text not null,
    document_id bigint,
    request_id bigint,
    window_start_date date,
    window_end_date date,
    status_code text not null check (
        status_code in ('landed', 'staged', 'gated', 'published', 'blocked', 'released', 'rejected', 'superseded')
    ),
    verdict_code text check (verdict_code in ('pass', 'flag', 'block')),
    last_updated_date date,
    requested_at timestamptz not null,
    row_count integer,
    staged_row_count integer,
    quarantined_row_count integer,
    inserted_row_count integer,
    updated_row_count integer,
    removed_row_count integer,
    unknown_fields text[] not null default '{}',
    reason text,
    released_by text,
    release_reason text,
    landed_at timestamptz not null default now(),
    staged_at timestamptz,
    gated_at timestamptz,
    published_at timestamptz,
    primary key (account_id, load_id),
    foreign key (account_id, document_id) references ops.document,
    foreign key (account_id, request_id) references ops.report_request
);
create index load_open on ops.load (account_id, status_code) where status_code in ('landed', 'staged', 'gated', 'released');

-- The days that a load speaks of: what each row's bytes hashed to, and whether that differs from what is published.
create table ops.load_slice (
    account_id text not null,
    load_id bigint not null,
    business_date date not null,
    row_count integer not null,
    content_hash text not null,
    is_changed boolean not null,
    aggregate_figures jsonb not null default '{}',
    primary key (account_id, load_id, business_date),
    foreign key (account_id, load_id) references ops.load
);

create table ops.slice (
    account_id text not null references ops.account,
    dataset_code text not null,
    variant_code text not null,
    business_date date not null,
    status_code text not null check (status_code in ('published', 'no_data')),
    load_id bigint not null,
    last_updated_date date,
    requested_at timestamptz not null,
    content_hash text not null,
    row_count integer not null,
    published_sequence bigint not null,
    first_published_at timestamptz not null,
    published_at timestamptz not null,
    confirmed_at timestamptz not null,
    primary key (account_id, dataset_code, variant_code, business_date),
    foreign key (account_id, load_id) references ops.load
);

create table ops.gate_result (
    account_id text not null references ops.account,
    gate_result_id bigint generated always as identity,
    subject_code text not null check (subject_code in ('load', 'build')),
    subject_id bigint not null,
    table_name text not null,
    expectation_code text not null,
    column_name text,
    severity_code text not null check (severity_code in ('critical', 'warning', 'info')),
    is_success boolean not null,
    has_crashed boolean not null,
    unexpected_row_count bigint,
    observed text,
    reason text not null,
    examples jsonb not null default '[]',
    judged_at timestamptz not null default now(),
    primary key (account_id, gate_result_id)
);
create index gate_result_subject on ops.gate_result (account_id, subject_code, subject_id);

create table ops.quarantine (
    account_id text not null references ops.account,
    load_id bigint not null,
    row_number integer not null,
    business_date date,
    asin text,
    field_name text,
    reason text not null,
    raw_row text not null,
    quarantined_at timestamptz not null default now(),
    primary key (account_id, load_id, row_number),
    foreign key (account_id, load_id) references ops.load
);

create table ops.quota (
    credential_id text not null,
    operation_code text not null,
    rate_per_second double precision not null check (rate_per_second > 0),
    burst double precision not null check (burst >= 1),
    tokens double precision not null,
    refilled_at timestamptz not null,
    blocked_until timestamptz not null default '-infinity',
    primary key (credential_id, operation_code)
);

create table ops.build (
    account_id text not null references ops.account,
    build_id bigint generated always as identity,
    mart_code text not null,
    from_date date not null,
    to_date date not null,
    status_code text not null default 'built' check (status_code in ('built', 'gated', 'published', 'blocked')),
    verdict_code text check (verdict_code in ('pass', 'flag', 'block')),
    row_count integer,
    inserted_row_count integer,
    updated_row_count integer,
    removed_row_count integer,
    reason text,
    built_at timestamptz not null default now(),
    published_at timestamptz,
    primary key (account_id, build_id)
);
create index build_open on ops.build (account_id, status_code) where status_code in ('built', 'gated');

create table ops.dirty_mart (
    account_id text not null references ops.account,
    mart_code text not null,
    business_date date not null,
    marked_at timestamptz not null default now(),
    primary key (account_id, mart_code, business_date)
);

create table ops.morning (
    account_id text not null references ops.account,
    control_date date not null,
    sequence integer not null,
    digest jsonb not null,
    digest_hash text not null,
    run_id text not null,
    kept_at timestamptz not null default now(),
    primary key (account_id, control_date, sequence)
);

create table ops.control_action (
    account_id text not null references ops.account,
    action_id bigint generated always as identity,
    control_id text not null,
    action_code text not null check (
        action_code in ('acknowledged', 'snoozed', 'sent_to_client', 'agreed', 'refused', 'done', 'not_invited')
    ),
    actor_name text not null,
    note text,
    spend_amount numeric,
    follow_up_date date,
    acted_at timestamptz not null default now(),
    primary key (account_id, action_id)
);

create table ops.mute (
    account_id text not null references ops.account,
    mute_id bigint generated always as identity,
    dataset_code text,
    until_date date not null,
    reason text not null,
    muted_by text not null,
    muted_at timestamptz not null default now(),
    primary key (account_id, mute_id)
);

create table ops.event_calendar (
    marketplace_code text not null,
    start_date date not null,
    end_date date not null,
    name text not null,
    primary key (marketplace_code, start_date, name),
    check (end_date >= start_date)
);

create sequence ops.publish_sequence;

-- One atomic update per call: takes a token and returns 0, or takes nothing and returns the seconds until one is there.
-- reserve_tokens keeps part of a burst for others (a backfill leaves the dawn run its share).
create function ops.take_quota(
    in_credential_id text, in_operation_code text, in_rate double precision, in_burst double precision, reserve_tokens double precision
) returns double precision language plpgsql as $$
declare
    wait_seconds double precision;
begin
    insert into ops.quota as q (credential_id, operation_code, rate_per_second, burst, tokens, refilled_at)
    values (in_credential_id, in_operation_code, in_rate, in_burst, in_burst, clock_timestamp())
    on conflict do nothing;
    update ops.quota as q
    set
        tokens = least(q.burst, q.tokens + extract(epoch from clock_timestamp() - q.refilled_at) * q.rate_per_second) - 1,
        refilled_at = clock_timestamp()
    where q.credential_id = in_credential_id and q.operation_code = in_operation_code
        and q.blocked_until <= clock_timestamp()
        and least(q.burst, q.tokens + extract(epoch from clock_timestamp() - q.refilled_at) * q.rate_per_second) >= 1 + reserve_tokens;
    if found then
        return 0;
    end if;
    select greatest(
        extract(epoch from q.blocked_until - clock_timestamp()),
        (1 + reserve_tokens - (q.tokens + extract(epoch from clock_timestamp() - q.refilled_at) * q.rate_per_second)) / q.rate_per_second,
        0.001
    ) into wait_seconds
    from ops.quota as q
    where q.credential_id = in_credential_id and q.operation_code = in_operation_code;
    return wait_seconds;
end $$;
