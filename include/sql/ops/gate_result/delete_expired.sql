-- What was found in loads that are over and in builds; the findings about a load that still waits for a person stay.
delete from ops.gate_result as g
where
    g.judged_at < %(before_at)s
    and not exists (
        select 1
        from ops.load as l
        where
            g.subject_code = 'load'
            and l.account_id = g.account_id
            and l.load_id = g.subject_id
            and l.status_code not in ('published', 'superseded', 'rejected')
    )
