insert into ops.account (
    account_id, name, marketplace_code, marketplace_id, currency_code, time_zone, credential_id, primary_distributor_view_code,
    thresholds, is_active, synced_at, vat_ratio, amazon_seller_ids, own_seller_ids
)
values (
    %(account_id)s, %(name)s, %(marketplace_code)s, %(marketplace_id)s, %(currency_code)s, %(time_zone)s, %(credential_id)s,
    %(primary_distributor_view_code)s, %(thresholds)s, %(is_active)s, now(), %(vat_ratio)s, %(amazon_seller_ids)s, %(own_seller_ids)s
)
on conflict (account_id) do update set
    name = excluded.name,
    marketplace_code = excluded.marketplace_code,
    marketplace_id = excluded.marketplace_id,
    currency_code = excluded.currency_code,
    time_zone = excluded.time_zone,
    credential_id = excluded.credential_id,
    primary_distributor_view_code = excluded.primary_distributor_view_code,
    thresholds = excluded.thresholds,
    is_active = excluded.is_active,
    synced_at = now(),
    vat_ratio = excluded.vat_ratio,
    amazon_seller_ids = excluded.amazon_seller_ids,
    own_seller_ids = excluded.own_seller_ids
