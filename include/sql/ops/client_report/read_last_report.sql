select sequence, content_hash, page_path, workbook_path, is_final from ops.client_report
where account_id = %(account_id)s and week_end_date = %(week_end_date)s and language_code = %(language_code)s
order by sequence desc
limit 1
