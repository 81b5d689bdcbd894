-- The newer payload says the same: the rows stay, the order of payloads moves on.
update ops.slice as s set
    last_updated_date = l.last_updated_date,
    requested_at = l.requested_at,
    load_id = l.load_id,
    confirmed_at = now()
from ops.load as l
where
    l.account_id = %(account_id)s
    and l.load_id = %(load_id)s
    and s.account_id = l.account_id
    and s.dataset_code = l.dataset_code
    and s.variant_code = l.variant_code
    and s.business_date = any(%(days)s)
