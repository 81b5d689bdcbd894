insert into ops.quarantine (account_id, load_id, row_number, business_date, asin, field_name, reason, raw_row)
values (%(account_id)s, %(load_id)s, %(row_number)s, %(business_date)s, %(asin)s, %(field_name)s, %(reason)s, %(raw_row)s)
