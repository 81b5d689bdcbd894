-- Amazon was not called after all, or said no before doing anything: nothing to look for next time.
update ops.report_request set asking_at = null
where account_id = %(account_id)s and request_id = %(request_id)s and status_code = 'asked'
