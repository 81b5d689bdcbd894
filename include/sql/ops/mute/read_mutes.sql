select dataset_code, until_date, reason from ops.mute
where account_id = %(account_id)s and until_date >= %(on_date)s
