-- Adds the staged snapshots of one load to core.offer_snapshot, for the days that the ledger allows.
-- Parameters: account_id, load_id, days (date[]), known_at. Reads the load's staging table as staged_offer_snapshot.
-- One statement: what was seen at an instant is never restated, so that the same snapshot again changes no row.
insert into core.offer_snapshot (
    account_id, observed_at, asin, owner_code, winner_seller_id, winner_price_amount, our_price_amount, amazon_price_amount,
    lowest_other_price_amount, offer_count, is_split, has_amazon_offer, currency_code, load_id, known_from
)
select
    %(account_id)s, s.observed_at, s.asin, s.owner_code, s.winner_seller_id, s.winner_price_amount, s.our_price_amount,
    s.amazon_price_amount, s.lowest_other_price_amount, s.offer_count, s.is_split, s.has_amazon_offer, s.currency_code,
    %(load_id)s, %(known_at)s
from staged_offer_snapshot as s
where s.business_date = any(%(days)s)
on conflict (account_id, observed_at, asin) do nothing
