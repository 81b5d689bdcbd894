insert into ops.mute (account_id, dataset_code, until_date, reason, muted_by)
values (%(account_id)s, %(dataset_code)s, %(until_date)s, %(reason)s, %(muted_by)s)
