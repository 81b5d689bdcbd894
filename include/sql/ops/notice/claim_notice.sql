-- Notes the intention to send. Gives no row when the message was sent, or is being sent just now.
insert into ops.notice as n (account_id, notice_id, control_date, sequence, channel_code, recipient_hash, status_code, run_id)
values (
    %(account_id)s, %(message_number)s, %(control_date)s, %(sequence)s, %(channel_code)s, %(recipient_hash)s, 'intended', %(run_id)s
)
on conflict (account_id, notice_id) do update
    set
        status_code = 'intended',
        reason = null,
        settled_at = null,
        intended_at = clock_timestamp(),
        attempt_count = n.attempt_count + 1,
        run_id = excluded.run_id
    where
    n.status_code = 'failed'
    or (n.status_code = 'intended' and n.intended_at < clock_timestamp() - make_interval(secs => %(seconds)s))
returning account_id, notice_id
