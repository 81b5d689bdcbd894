-- An account that left the accounts file keeps its history and is no longer pulled.
update ops.account set is_active = false
where account_id <> all(%(account_ids)s) and is_active
