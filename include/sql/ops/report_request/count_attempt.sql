update ops.report_request set attempts = attempts + 1
where account_id = %(account_id)s and request_id = %(request_id)s
returning attempts
