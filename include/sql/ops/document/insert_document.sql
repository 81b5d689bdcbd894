insert into ops.document (account_id, request_id, dataset_code, source_code, path, sha256, size_bytes, received_at)
values (%(account_id)s, %(request_id)s, %(dataset_code)s, %(source_code)s, %(path)s, %(sha256)s, %(size_bytes)s, %(received_at)s)
returning document_id
