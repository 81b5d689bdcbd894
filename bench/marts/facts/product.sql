-- A catalogue: few products sell much, most sell little. What the client says of it, and the session's table of what each product is like.
create temporary table item as
select
    n, 'B0' || upper(lpad(to_hex((n::bigint * 2654435761) %% 4294967296), 8, '0')) as asin,
    0.05 + 30 * power(1 - n / (%(asin_count)s + 1.0), 8) as pace,
    round((5 + 95 * pg_temp.noise(n, '2000-01-01', 1))::numeric, 2) as price,
    case when n %% 10 = 0 then 'A' when n %% 10 < 5 then 'B' else 'C' end as priority_code,
    n / 8 as parent, n %% 40 as class
from generate_series(1, %(asin_count)s) as n;

insert into core.product (
    account_id, asin, valid_from_date, name, brand_name, parent_asin, lifecycle_code, priority_code, unit_cost_amount, currency_code,
    case_pack_units, client_stock_units, pack_units, first_seen_date
)
select
    %(account_id)s, i.asin, '1970-01-01', 'Product ' || i.n, 'Brand', 'B0P' || lpad(i.parent::text, 7, '0'),
    case when i.n %% 50 = 7 then 'phase_out' when i.n %% 50 = 9 then 'launch' when i.n %% 50 = 11 then 'seasonal' else 'active' end,
    i.priority_code, round(i.price * 0.45, 2), 'EUR', 6, 500, 1, %(first_date)s
from item as i;
analyze item;
