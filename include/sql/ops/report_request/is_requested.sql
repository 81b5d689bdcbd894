select count(*) > 0 as is_requested
from ops.report_request
where
    account_id = %(account_id)s
    and dataset_code = %(dataset_code)s
    and variant_code = %(variant_code)s
    and window_start_date = %(window_start_date)s
