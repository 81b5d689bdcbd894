-- Written and committed before Amazon is called: after a crash in between, the report is looked up instead of asked for again.
update ops.report_request set asking_at = clock_timestamp()
where account_id = %(account_id)s and request_id = %(request_id)s and asking_at is null
