-- Adds the staged offers of one load to core.offer, for the days that the ledger allows.
-- Parameters: account_id, load_id, days (date[]), known_at. Reads the load's staging table as staged_offer.
-- One statement: what was seen at an instant is never restated, so that the same offers again change no row.
insert into core.offer (
    account_id, observed_at, asin, seller_id, offer_index, landed_price_amount, listing_price_amount, shipping_amount,
    currency_code, condition_code, is_featured, is_prime, is_fulfilled_by_amazon, load_id, known_from
)
select
    %(account_id)s, s.observed_at, s.asin, s.seller_id, s.offer_index, s.landed_price_amount, s.listing_price_amount,
    s.shipping_amount, s.currency_code, s.condition_code, s.is_featured, s.is_prime, s.is_fulfilled_by_amazon,
    %(load_id)s, %(known_at)s
from staged_offer as s
where s.business_date = any(%(days)s)
on conflict (account_id, observed_at, asin, seller_id, offer_index) do nothing
