-- What was sent to whom: a rerun sends nothing twice, and a kill between sending and noting it is seen.

create table ops.notice (
    notice_id text primary key,
    kind_code text not null check (kind_code in ('digest', 'incomplete', 'late')),
    account_id text references ops.account,
    control_date date not null,
    sequence integer check (sequence > 0),
    channel_code text not null check (channel_code in ('mail', 'chat')),
    recipient_hash text not null,
    status_code text not null check (status_code in ('intended', 'sent', 'failed')),
    reason text,
    attempt_count integer not null default 1 check (attempt_count > 0),
    run_id text not null,
    intended_at timestamptz not null default clock_timestamp(),
    settled_at timestamptz,
    check ((kind_code = 'digest') = (account_id is not null and sequence is not null)),
    check ((status_code = 'failed') = (reason is not null)),
    check ((status_code = 'intended') = (settled_at is null))
);

create index notice_of_morning on ops.notice (account_id, control_date);
