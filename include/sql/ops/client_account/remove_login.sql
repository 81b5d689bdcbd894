select access.remove_login(%(login_name)s)
