-- What stands of every day, why, and which document is behind it; and how far the figures of a day moved after it.
-- Both are views: the first depends on the time, the second on nothing but the facts, and neither has rows to keep.

-- The datasets that come as one report per day: whether per distributor view, how long after the day's end Amazon publishes it, and how
-- many days back Amazon gives it. The same as the registry of the datasets.
create function mart.daily_datasets()
returns table (dataset_code text, has_distributor_view boolean, publish_lag interval, lookback_days integer) language sql immutable as $$
    values
    ('sales_daily', true, interval '72 hours', 1460),
    ('inventory_daily', true, interval '72 hours', 1460),
    ('traffic_daily', false, interval '72 hours', 1460)
$$;

-- The newest day of a calendar whose figures Amazon must have published by in_at. A lag in hours is exact across clock changes.
create function mart.newest_due_date(in_at timestamptz, in_lag interval, in_time_zone text) returns date language sql stable as $$
    select ((in_at - in_lag) at time zone in_time_zone)::date - 1
$$;

-- One row per account, daily dataset, view and day, from the account's first known slice or request to its calendar's day at in_at.
-- in_at decides which days are due; the ledger is read as it stands.
create function mart.data_status_at(in_at timestamptz)
returns table (
    account_id text, dataset_code text, variant_code text, business_date date, data_status_code text, reason text, due_at timestamptz,
    load_id bigint, document_id bigint, document_path text, document_sha256 text
) language sql stable as $$
    with
    -- The days that the ledger speaks of, by what it knows them from.
    known_span as (
        select s.account_id, s.dataset_code, s.variant_code, min(s.business_date) as first_date, max(s.business_date) as last_date
        from ops.slice as s
        group by s.account_id, s.dataset_code, s.variant_code
        union all
        select r.account_id, r.dataset_code, r.variant_code, min(r.window_start_date), max(r.window_end_date)
        from ops.report_request as r
        group by r.account_id, r.dataset_code, r.variant_code
    ),

    -- The days of an account. One that is no longer active owes nothing new: its days end where its ledger does.
    account_span as (
        select
            a.*, k.first_date,
            case when a.is_active then l.local_date else least(l.local_date, k.last_date) end as last_date
        from (
            select s.account_id, min(s.first_date) as first_date, max(s.last_date) as last_date
            from known_span as s
            inner join mart.daily_datasets() as d on d.dataset_code = s.dataset_code
            group by s.account_id
        ) as k
        inner join ops.account as a on a.account_id = k.account_id
        cross join lateral (select (in_at at time zone a.time_zone)::date as local_date) as l
    ),

    -- Every dataset of an account in its primary view, asked for or not, and every other view that the ledger knows.
    series as (
        select a.account_id, d.dataset_code, case when d.has_distributor_view then a.primary_distributor_view_code else '' end as variant_code
        from ops.account as a
        cross join mart.daily_datasets() as d
        union
        select s.account_id, s.dataset_code, s.variant_code
        from known_span as s
    ),

    -- One row of the result, with what is published of it. newest_published_date is the series'.
    series_day as (
        select
            s.account_id, s.dataset_code, s.variant_code, g.business_date, a.time_zone, d.lookback_days, n.newest_due_date,
            ((g.business_date + 1)::timestamp at time zone a.time_zone) + d.publish_lag as due_at,
            s.dataset_code = 'inventory_daily' and s.variant_code = a.primary_distributor_view_code as has_readings,
            p.status_code, p.load_id,
            max(p.business_date) filter (where p.status_code = 'published')
                over (partition by s.account_id, s.dataset_code, s.variant_code) as newest_published_date
        from account_span as a
        inner join series as s on s.account_id = a.account_id
        inner join mart.daily_datasets() as d on d.dataset_code = s.dataset_code
        cross join lateral (select mart.newest_due_date(in_at, d.publish_lag, a.time_zone) as newest_due_date) as n
        cross join lateral (
            select t::date as business_date from generate_series(a.first_date::timestamp, a.last_date::timestamp, interval '1 day') as t
        ) as g
        left join ops.slice as p
            on p.account_id = s.account_id and p.dataset_code = s.dataset_code and p.variant_code = s.variant_code
            and p.business_date = g.business_date
    ),

    judged as (
        select
            s.account_id, s.dataset_code, s.variant_code, s.business_date, s.due_at, s.lookback_days, coalesce(s.load_id, r.load_id, t.load_id) as load_id,
            s.status_code as slice_status_code, t.request_status_code, t.load_status_code, t.reason,
            case
                -- Amazon restates a day for about two weeks: it stands still once 15 newer days are published.
                when s.status_code = 'published' and s.business_date <= s.newest_published_date - 15 then 'settled'
                when s.status_code = 'published' then 'published'
                when s.status_code = 'no_data' then 'not_observable'
                when s.business_date > s.newest_due_date and r.load_id is not null then 'provisional'
                when s.business_date > s.newest_due_date then 'not_due'
                when s.business_date <= s.newest_due_date - s.lookback_days then 'not_observable'
                else 'missing'
            end as data_status_code
        from series_day as s
        -- The newest real-time reading of a day whose report is not due.
        left join lateral (
            select h.load_id
            from core.inventory_hourly as h
            where s.has_readings and s.status_code is null and s.business_date > s.newest_due_date and h.account_id = s.account_id
                and h.hour_start_at >= s.business_date::timestamp at time zone s.time_zone
                and h.hour_start_at < (s.business_date + 1)::timestamp at time zone s.time_zone
            order by h.hour_start_at desc, h.load_id desc
            limit 1
        ) as r on true
        -- The newest attempt at a day that is due and not published: a request with its load, or a file that a person loaded.
        left join lateral (
            select c.*
            from (
                select q.planned_at as tried_at, q.request_id, q.status_code as request_status_code, l.load_id, l.status_code as load_status_code,
                    coalesce(l.reason, q.reason) as reason
                from ops.report_request as q
                left join ops.load as l on l.account_id = q.account_id and l.request_id = q.request_id
                where q.account_id = s.account_id and q.dataset_code = s.dataset_code and q.variant_code = s.variant_code
                    and s.business_date between q.window_start_date and q.window_end_date
                union all
                select l.landed_at, null, null, l.load_id, l.status_code, l.reason
                from ops.load as l
                where l.account_id = s.account_id and l.dataset_code = s.dataset_code and l.variant_code = s.variant_code
                    and l.request_id is null and s.business_date between l.window_start_date and l.window_end_date
            ) as c
            where s.status_code is null and s.business_date <= s.newest_due_date
            order by c.tried_at desc, c.request_id desc nulls last, c.load_id desc nulls last
            limit 1
        ) as t on true
    )

    select
        j.account_id, j.dataset_code, j.variant_code, j.business_date, j.data_status_code,
        case
            when j.data_status_code in ('settled', 'published') then null
            when j.slice_status_code = 'no_data' then 'Amazon has no data for the day'
            when j.data_status_code = 'provisional'
                then 'real-time readings only; the report is due at ' || to_char(j.due_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC'
            when j.data_status_code = 'not_due' then 'due at ' || to_char(j.due_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC'
            when j.data_status_code = 'not_observable' then 'older than the ' || j.lookback_days || ' days that Amazon gives'
            when j.reason is not null then j.reason
            when j.load_status_code = 'published' then 'the document of load ' || j.load_id || ' does not speak of the day'
            when j.load_id is not null then 'load ' || j.load_id || ' is ' || j.load_status_code
            when j.request_status_code is null then 'never asked for'
            when j.request_status_code = 'asked' then 'not asked at Amazon yet'
            when j.request_status_code = 'waiting' then 'Amazon is still working on the report'
            else 'the report is ' || j.request_status_code
        end,
        j.due_at, j.load_id, d.document_id, d.path, d.sha256
    from judged as j
    left join ops.load as l on l.account_id = j.account_id and l.load_id = j.load_id
    left join ops.document as d on d.account_id = l.account_id and d.document_id = l.document_id
$$;

-- The load that answers a request is looked for by it.
create index load_request on ops.load (account_id, request_id);

create view mart.data_status with (security_invoker = true) as
select
    s.account_id,
    s.dataset_code,
    s.variant_code,
    s.business_date,
    s.data_status_code,
    s.reason,
    s.due_at,
    s.load_id,
    s.document_id,
    s.document_path,
    s.document_sha256
from mart.data_status_at(now()) as s;

-- How far the total of a day moved from its value at an age to its latest one. A version of a row holds from the age at which it was
-- published up to the age at which a newer load replaced or removed it; the total at an age is that of the versions that hold at its end.
create view mart.restatement_curve with (security_invoker = true) as
with
-- Every version of every row, current or former; known_to is null for a current one.
sales_version as (
    select
        c.account_id,
        c.distributor_view_code,
        c.business_date,
        c.ordered_units,
        c.ordered_revenue_amount,
        c.shipped_units,
        c.shipped_revenue_amount,
        c.shipped_cogs_amount,
        c.customer_return_units,
        c.known_from,
        null::timestamptz as known_to
    from core.sales_daily as c
    union all
    select
        h.account_id,
        h.distributor_view_code,
        h.business_date,
        h.ordered_units,
        h.ordered_revenue_amount,
        h.shipped_units,
        h.shipped_revenue_amount,
        h.shipped_cogs_amount,
        h.customer_return_units,
        h.known_from,
        h.known_to
    from core.sales_daily_history as h
),

stock_version as (
    select
        c.account_id,
        c.distributor_view_code,
        c.business_date,
        c.sellable_on_hand_units,
        c.sellable_on_hand_cost_amount,
        c.unsellable_on_hand_units,
        c.open_purchase_order_units,
        c.net_received_units,
        c.unfilled_customer_ordered_units,
        c.known_from,
        null::timestamptz as known_to
    from core.inventory_daily as c
    union all
    select
        h.account_id,
        h.distributor_view_code,
        h.business_date,
        h.sellable_on_hand_units,
        h.sellable_on_hand_cost_amount,
        h.unsellable_on_hand_units,
        h.open_purchase_order_units,
        h.net_received_units,
        h.unfilled_customer_ordered_units,
        h.known_from,
        h.known_to
    from core.inventory_daily_history as h
),

traffic_version as (
    select
        c.account_id,
        c.business_date,
        c.glance_views,
        c.known_from,
        null::timestamptz as known_to
    from core.traffic_daily as c
    union all
    select
        h.account_id,
        h.business_date,
        h.glance_views,
        h.known_from,
        h.known_to
    from core.traffic_daily_history as h
),

-- One day, summed over the rows whose versions hold over the same ages. to_age is null where they still hold.
sales_total as (
    select
        v.account_id,
        v.distributor_view_code as variant_code,
        v.business_date,
        (v.known_from at time zone a.time_zone)::date - v.business_date as from_age,
        (v.known_to at time zone a.time_zone)::date - v.business_date as to_age,
        sum(v.ordered_units) as ordered_units,
        sum(v.ordered_revenue_amount) as ordered_revenue_amount,
        sum(v.shipped_units) as shipped_units,
        sum(v.shipped_revenue_amount) as shipped_revenue_amount,
        sum(v.shipped_cogs_amount) as shipped_cogs_amount,
        sum(v.customer_return_units) as customer_return_units
    from ops.account as a
    inner join sales_version as v on a.account_id = v.account_id
    group by v.account_id, v.distributor_view_code, v.business_date, from_age, to_age
),

stock_total as (
    select
        v.account_id,
        v.distributor_view_code as variant_code,
        v.business_date,
        (v.known_from at time zone a.time_zone)::date - v.business_date as from_age,
        (v.known_to at time zone a.time_zone)::date - v.business_date as to_age,
        sum(v.sellable_on_hand_units) as sellable_on_hand_units,
        sum(v.sellable_on_hand_cost_amount) as sellable_on_hand_cost_amount,
        sum(v.unsellable_on_hand_units) as unsellable_on_hand_units,
        sum(v.open_purchase_order_units) as open_purchase_order_units,
        sum(v.net_received_units) as net_received_units,
        sum(v.unfilled_customer_ordered_units) as unfilled_customer_ordered_units
    from ops.account as a
    inner join stock_version as v on a.account_id = v.account_id
    group by v.account_id, v.distributor_view_code, v.business_date, from_age, to_age
),

traffic_total as (
    select
        v.account_id,
        '' as variant_code,
        v.business_date,
        (v.known_from at time zone a.time_zone)::date - v.business_date as from_age,
        (v.known_to at time zone a.time_zone)::date - v.business_date as to_age,
        sum(v.glance_views) as glance_views
    from ops.account as a
    inner join traffic_version as v on a.account_id = v.account_id
    group by v.account_id, v.business_date, from_age, to_age
),

-- The same, one figure of one day.
version_total as (
    select
        t.account_id,
        'sales_daily' as dataset_code,
        t.variant_code,
        t.business_date,
        t.from_age,
        t.to_age,
        m.measure_code,
        m.total
    from sales_total as t
    cross join
        lateral (
            values
            ('ordered_units', t.ordered_units::numeric),
            ('ordered_revenue_amount', t.ordered_revenue_amount),
            ('shipped_units', t.shipped_units),
            ('shipped_revenue_amount', t.shipped_revenue_amount),
            ('shipped_cogs_amount', t.shipped_cogs_amount),
            ('customer_return_units', t.customer_return_units)
        ) as m (measure_code, total)
    union all
    select
        t.account_id,
        'inventory_daily' as dataset_code,
        t.variant_code,
        t.business_date,
        t.from_age,
        t.to_age,
        m.measure_code,
        m.total
    from stock_total as t
    cross join
        lateral (
            values
            ('sellable_on_hand_units', t.sellable_on_hand_units::numeric),
            ('sellable_on_hand_cost_amount', t.sellable_on_hand_cost_amount),
            ('unsellable_on_hand_units', t.unsellable_on_hand_units),
            ('open_purchase_order_units', t.open_purchase_order_units),
            ('net_received_units', t.net_received_units),
            ('unfilled_customer_ordered_units', t.unfilled_customer_ordered_units)
        ) as m (measure_code, total)
    union all
    select
        t.account_id,
        'traffic_daily' as dataset_code,
        t.variant_code,
        t.business_date,
        t.from_age,
        t.to_age,
        m.measure_code,
        m.total
    from traffic_total as t
    cross join lateral (
        values
        ('glance_views', t.glance_views::numeric)
    ) as m (measure_code, total)
),

-- With the ages at which the day was looked at: from its first publish to the last time that a load said the same or newer.
aged_total as (
    select
        v.account_id,
        v.dataset_code,
        v.variant_code,
        v.business_date,
        v.from_age,
        v.to_age,
        v.measure_code,
        v.total,
        (s.confirmed_at at time zone a.time_zone)::date - v.business_date as last_age,
        min(v.from_age) over (partition by v.account_id, v.dataset_code, v.variant_code, v.business_date) as first_age
    from version_total as v
    inner join ops.account as a on v.account_id = a.account_id
    inner join ops.slice as s
        on
            v.account_id = s.account_id
            and v.dataset_code = s.dataset_code
            and v.variant_code = s.variant_code
            and v.business_date = s.business_date
),

-- The same at every age after which the day was looked at again, and whether the version held then.
total_at_age as (
    select
        v.*,
        g.age_days,
        v.from_age <= g.age_days and coalesce(g.age_days < v.to_age, true) as is_held
    from aged_total as v
    cross join lateral generate_series(v.first_age, v.last_age - 1) as g (age_days)
),

-- One figure of one day at one age. A report without rows adds up to 0, unknown rows to null.
day_at_age as (
    select
        v.account_id,
        v.dataset_code,
        v.variant_code,
        v.measure_code,
        v.business_date,
        v.age_days,
        case when bool_or(v.is_held) then sum(v.total) filter (where v.is_held) else 0 end as total,
        case when bool_or(v.to_age is null) then sum(v.total) filter (where v.to_age is null) else 0 end as latest_total
    from total_at_age as v
    group by v.account_id, v.dataset_code, v.variant_code, v.measure_code, v.business_date, v.age_days
)

select
    d.account_id,
    d.dataset_code,
    d.variant_code,
    d.measure_code,
    d.age_days,
    count(*)::integer as day_count,
    round(avg(abs(d.latest_total - d.total) / abs(d.total)), 6) as mean_movement_ratio,
    round(max(abs(d.latest_total - d.total) / abs(d.total)), 6) as max_movement_ratio
from day_at_age as d
where d.total <> 0 and d.latest_total is not null
group by d.account_id, d.dataset_code, d.variant_code, d.measure_code, d.age_days;
