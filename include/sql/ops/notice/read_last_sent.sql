-- The newest version of a morning that a recipient has.
select max(sequence)
from ops.notice
where
    account_id = %(account_id)s
    and control_date = %(control_date)s
    and channel_code = %(channel_code)s
    and recipient_hash = %(recipient_hash)s
    and status_code = 'sent'
