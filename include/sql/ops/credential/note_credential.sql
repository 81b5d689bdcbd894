insert into ops.credential (credential_id, kind_code)
values (%(credential_id)s, %(kind_code)s)
on conflict (credential_id) do nothing
