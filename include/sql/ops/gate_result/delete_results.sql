delete from ops.gate_result
where account_id = %(account_id)s and subject_code = %(subject_code)s and subject_id = %(subject_id)s
