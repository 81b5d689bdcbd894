delete from ops.watched_competitor
where account_id = %(account_id)s
