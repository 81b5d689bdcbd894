insert into ops.watched_competitor (account_id, asin, competitor_asin, pack_units)
values (%(account_id)s, %(asin)s, %(competitor_asin)s, %(pack_units)s)
