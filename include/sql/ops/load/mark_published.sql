-- Publishing a released load may have put more rows aside: a key that stands twice.
update ops.load as l set
    status_code = %(status_code)s,
    quarantined_row_count = case
        when l.status_code = 'released'
            then (
                select count(*) from ops.quarantine as q
                where q.account_id = l.account_id and q.load_id = l.load_id
            )
        else l.quarantined_row_count
    end,
    inserted_row_count = %(inserted)s,
    updated_row_count = %(updated)s,
    removed_row_count = %(removed)s,
    published_at = now()
where l.account_id = %(account_id)s and l.load_id = %(load_id)s
