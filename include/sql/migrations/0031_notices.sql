-- What was sent to whom: a rerun sends nothing twice, and a kill between sending and noting it is seen.

create table ops.notice (
    account_id text not null references ops.account,
    notice_id text not null,
    control_date date not null,
    sequence integer not null check (sequence > 0),
    channel_code text not null check (channel_code in ('mail', 'chat')),
    recipient_hash text not null,
    status_code text not null check (status_code in ('intended', 'sent', 'failed')),
    reason text,
    attempt_count integer not null default 1 check (attempt_count > 0),
    run_id text not null,
    intended_at timestamptz not null default clock_timestamp(),
    settled_at timestamptz,
    primary key (account_id, notice_id),
    check ((status_code = 'failed') = (reason is not null)),
    check ((status_code = 'intended') = (settled_at is null))
);

create index notice_of_morning on ops.notice (account_id, control_date);

create table ops.alert (
    alert_id text primary key,
    control_date date not null,
    content_hash text not null,
    channel_code text not null check (channel_code in ('mail', 'chat')),
    recipient_hash text not null,
    status_code text not null check (status_code in ('intended', 'sent', 'failed')),
    reason text,
    attempt_count integer not null default 1 check (attempt_count > 0),
    run_id text not null,
    intended_at timestamptz not null default clock_timestamp(),
    settled_at timestamptz,
    check ((status_code = 'failed') = (reason is not null)),
    check ((status_code = 'intended') = (settled_at is null))
);
