insert into ops.client_report (
    account_id, week_end_date, language_code, sequence, content_hash, page_path, workbook_path, is_final, run_id
)
values (
    %(account_id)s, %(week_end_date)s, %(language_code)s, %(sequence)s, %(content_hash)s, %(page_path)s, %(workbook_path)s,
    %(is_final)s, %(run_id)s
)
