-- Of these files, which the ledger knows, and whether one of its documents still needs the file: the same bytes, loaded twice, are one.
select
    path,
    bool_or(expired_at is null) as is_kept
from ops.document
where path = any(%(paths)s)
group by path
