update ops.report_request set
    amazon_status_code = %(amazon_status_code)s,
    amazon_document_id = %(amazon_document_id)s,
    polled_at = clock_timestamp()
where account_id = %(account_id)s and request_id = %(request_id)s and status_code = 'waiting'
