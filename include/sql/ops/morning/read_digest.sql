-- One version of a morning, by default the newest.
select
    sequence,
    digest_hash,
    digest
from ops.morning
where
    account_id = %(account_id)s
    and control_date = %(control_date)s
    and (%(sequence)s::integer is null or sequence = %(sequence)s)
order by sequence desc
limit 1
