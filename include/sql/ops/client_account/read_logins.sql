select login_name, account_ids from access.logins()
