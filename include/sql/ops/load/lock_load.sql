-- The clock is read after the series is locked: the transaction's own now() may lie before what was published meanwhile.
select
    status_code,
    clock_timestamp() as known_at
from ops.load
where account_id = %(account_id)s and load_id = %(load_id)s
for update
