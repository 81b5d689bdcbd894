-- What sales say of a day: the newest judged day of its week, and for an early drop the newest real-time day. A drop of seven days in which the
-- product was out of stock, lost the Buy Box or had no page is explained by that, also when that is over. A drop that is judged says more than
-- the early one of the same product.
create or replace function mart.sales_causes(in_account_id text, in_from date, in_to date, in_time_zone text) returns table (
    business_date date, asin text, cause_code text, severity integer, lost_amount numeric, lost_ratio numeric, due_at timestamptz, bundle_code text,
    evidence jsonb, data_status_code text
) language sql stable as $$
    select d.business_date, s.asin, f.cause_code, 2, f.lost_amount, f.lost_ratio, null::timestamptz, f.bundle_code,
        jsonb_build_object(
            'mart', 'sales_signal_daily', 'judged_date', s.business_date, 'revenue_amount', s.revenue_amount, 'median_revenue_amount', s.median_revenue_amount,
            'expected_revenue_amount', s.expected_revenue_amount, 'scale_amount', s.scale_amount, 'driver_code', s.driver_code,
            'driver_amount', s.driver_amount, 'drop_opened_date', s.drop_opened_date
        ),
        s.data_status_code
    from (
        select
            g::date as business_date,
            (
                select max(n.business_date) from mart.sales_signal_daily as n
                where n.account_id = in_account_id and n.business_date between g::date - 6 and g::date and n.revenue_amount is not null
            ) as judged_date
        from generate_series(in_from::timestamp, in_to, interval '1 day') as g
    ) as d
    inner join mart.sales_signal_daily as s
        on s.account_id = in_account_id and (s.business_date = d.judged_date or (s.business_date = d.business_date and s.is_early_drop))
    cross join lateral (
        select 'attribution_lost' as cause_code, null::numeric as lost_amount, 1.0 as lost_ratio, null as bundle_code
        where s.business_date = d.judged_date and s.is_attribution_lost
        union all
        select 'returns_high', null, null, null where s.business_date = d.judged_date and s.has_high_returns
        union all
        select coalesce('drop_' || s.driver_code, 'drop_unknown'), s.expected_revenue_amount - s.revenue_amount, null, 'driver:' || s.driver_code
        where s.business_date = d.judged_date and s.is_drop and not mart.is_lately_explained(in_account_id, s.asin, s.business_date, in_time_zone)
        union all
        select 'early_drop', null, 0.5, null
        where s.business_date = d.business_date and s.is_early_drop and not mart.is_lately_explained(in_account_id, s.asin, s.business_date, in_time_zone)
            and not exists (
                select from mart.sales_signal_daily as j
                where j.account_id = in_account_id and j.business_date = d.judged_date and j.asin = s.asin and j.is_drop
            )
    ) as f
$$;
