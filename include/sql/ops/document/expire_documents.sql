-- Documents that have been kept long enough and whose loads are all over. What still waits, for a step or for a person, keeps its file.
update ops.document as d set expired_at = now()
where
    d.expired_at is null
    and d.received_at < %(before_at)s
    and not exists (
        select 1
        from ops.load as l
        where
            l.account_id = d.account_id
            and l.document_id = d.document_id
            and l.status_code not in ('published', 'superseded', 'rejected')
    )
