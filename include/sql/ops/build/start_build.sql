insert into ops.build (account_id, mart_code, from_date, to_date, built_at)
values (%(account_id)s, %(mart_code)s, %(from_date)s, %(to_date)s, clock_timestamp())
returning build_id
