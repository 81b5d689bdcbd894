select amazon_report_id from ops.report_request
where account_id = %(account_id)s and dataset_code = %(dataset_code)s and amazon_report_id = any(%(amazon_report_ids)s)
