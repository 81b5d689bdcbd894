-- Only what was marked before the build began: a fact published meanwhile keeps its mark.
delete from ops.dirty_mart as m
using ops.build as b
where
    b.account_id = %(account_id)s
    and b.build_id = %(build_id)s
    and m.account_id = b.account_id
    and m.mart_code = b.mart_code
    and m.business_date between b.from_date and b.to_date
    and m.marked_at <= b.built_at
