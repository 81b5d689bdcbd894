select ops.take_quota(%(credential_id)s, %(operation_code)s, %(rate)s, %(burst)s, %(reserve)s) as wait_seconds
