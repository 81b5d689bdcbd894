-- The reports that a client was given: one row per edition, the files beside it in the reports folder.
create table ops.client_report (
    account_id text not null references ops.account,
    week_end_date date not null,
    language_code text not null,
    sequence integer not null,
    content_hash text not null,
    page_path text not null,
    workbook_path text not null,
    is_final boolean not null,
    run_id text not null,
    kept_at timestamptz not null default now(),
    primary key (account_id, week_end_date, language_code, sequence)
);

grant select, insert on ops.client_report to daybreak_transformer;
grant select on ops.client_report to daybreak_board;
