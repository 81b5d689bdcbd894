-- A dataset that this version does not know any more.
delete from ops.dataset
where dataset_code <> all(%(dataset_codes)s)
