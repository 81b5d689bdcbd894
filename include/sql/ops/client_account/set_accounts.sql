select access.change_accounts(%(login_name)s, %(account_ids)s::text[])
