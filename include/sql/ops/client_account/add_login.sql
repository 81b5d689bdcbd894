select access.add_login(%(login_name)s, %(verifier)s, %(account_ids)s::text[])
