-- What of an account cannot be read for want of a role or of a second credential; and requests that ended for it.

create table ops.missing_access (
    account_id text not null references ops.account,
    dataset_code text not null,
    credential_code text not null check (credential_code in ('vendor', 'seller')),
    reason_code text not null check (reason_code in ('role_missing', 'no_credential')),
    role_name text not null,
    reason text not null,
    noted_at timestamptz not null default clock_timestamp(),
    last_tried_at timestamptz,
    primary key (account_id, dataset_code)
);

alter table ops.report_request drop constraint report_request_failure_kind_code_check;
alter table ops.report_request add constraint report_request_failure_kind_code_check
check (failure_kind_code in ('retry', 'give_up', 'skip', 'data_error', 'no_access'));

-- The digest and the pages of the board say what an account cannot see, and why.
grant select on ops.missing_access to daybreak_transformer, daybreak_board;
