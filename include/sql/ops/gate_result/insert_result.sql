insert into ops.gate_result (
    account_id, subject_code, subject_id, table_name, expectation_code, column_name, severity_code, is_success, has_crashed,
    unexpected_row_count, observed, reason, examples
)
values (
    %(account_id)s, %(subject_code)s, %(subject_id)s, %(table_name)s, %(expectation_code)s, %(column_name)s, %(severity_code)s,
    %(is_success)s, %(has_crashed)s, %(unexpected_row_count)s, %(observed)s, %(reason)s, %(examples)s
)
