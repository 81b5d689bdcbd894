select unknown_fields
from ops.load
where account_id = %(account_id)s and load_id = %(load_id)s
