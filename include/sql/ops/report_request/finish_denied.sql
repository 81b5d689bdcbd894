-- The refused request, and those of its dataset that were not asked for yet: the answer to them is known.
update ops.report_request set
    status_code = 'failed',
    failure_kind_code = 'no_access',
    reason = %(reason)s,
    finished_at = clock_timestamp()
where
    account_id = %(account_id)s
    and dataset_code = %(dataset_code)s
    and (
        (request_id = %(request_id)s and status_code in ('asked', 'waiting'))
        or (status_code = 'asked' and asking_at is null)
    )
returning request_id
