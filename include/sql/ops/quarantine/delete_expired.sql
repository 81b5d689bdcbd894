-- The refused rows of loads that are over; they stay in the landed file as long as that is kept.
delete from ops.quarantine as q
using ops.load as l
where
    q.quarantined_at < %(before_at)s
    and l.account_id = q.account_id
    and l.load_id = q.load_id
    and l.status_code in ('published', 'superseded', 'rejected')
