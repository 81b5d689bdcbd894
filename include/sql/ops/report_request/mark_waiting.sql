update ops.report_request set
    status_code = 'waiting',
    amazon_report_id = %(amazon_report_id)s,
    asked_at = clock_timestamp()
where account_id = %(account_id)s and request_id = %(request_id)s and status_code = 'asked'
