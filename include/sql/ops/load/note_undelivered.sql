-- How many of the rows in quarantine Amazon has not delivered at all.
update ops.load set
    undelivered_row_count = %(undelivered_row_count)s
where account_id = %(account_id)s and load_id = %(load_id)s
