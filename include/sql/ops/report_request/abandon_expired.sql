-- Requests that nobody finished while Amazon kept their reports: their days are owed again by the next plan.
update ops.report_request set
    status_code = 'failed',
    failure_kind_code = 'give_up',
    reason = %(reason)s,
    finished_at = clock_timestamp()
where status_code in ('asked', 'waiting') and coalesce(asking_at, planned_at) < %(before_at)s
