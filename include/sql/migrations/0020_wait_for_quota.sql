-- The seconds until the next call: before version 17 Postgres subtracts no infinite instant, and a bucket that Amazon never
-- blocked is blocked until minus infinity.
create or replace function ops.take_quota(
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
        extract(epoch from greatest(q.blocked_until, q.refilled_at) - clock_timestamp()),
        (1 + reserve_tokens - (q.tokens + extract(epoch from clock_timestamp() - q.refilled_at) * q.rate_per_second)) / q.rate_per_second,
        0.001
    ) into wait_seconds
    from ops.quota as q
    where q.credential_id = in_credential_id and q.operation_code = in_operation_code;
    return wait_seconds;
end $$;
