-- One plan at a time per account: two that read the ledger at once would both find a day owed, and ask for it twice.
select pg_advisory_xact_lock(hashtextextended('plan|' || %(account_id)s, 0))
