-- What to do today: every cause that holds on a day, and the morning's list of lines.

-- What is known of each cause in advance: who explains whom goes by family_place, what a person does, in which lane the line belongs, how
-- much of the stake can usually be won back, and within how many hours of its opening something should have been done.
create function mart.control_rules()
returns table (
    family_code text, family_place integer, cause_code text, action_code text, lane_code text, recoverable_ratio numeric, due_hours integer
) language sql immutable as $$
    select *
    from (
        values
        ('page_gone', 1, 'page_not_found', 'restore_page', 'today', 0.9, 24),
        ('supply', 2, 'po_unconfirmed', 'confirm_order', 'today', 0.9, 24),
        ('supply', 2, 'po_rejected', 'reconsider_rejection', 'today', 0.7, 48),
        ('supply', 2, 'po_overdue', 'trace_delivery', 'today', 0.8, 24),
        ('supply', 2, 'demand_surge', 'offer_born_to_run', 'today', 0.6, 48),
        ('supply', 2, 'no_po', 'offer_born_to_run', 'today', 0.6, 48),
        ('supply', 2, 'supply_unexplained', 'ask_for_order', 'today', 0.5, 48),
        ('supply', 2, 'supply_unknown', 'ask_for_order', 'today', 0.4, 48),
        ('supply', 2, 'incoming_covers', 'watch_delivery', 'watch', 0.5, null),
        ('supply', 2, 'stock_unconfirmed', 'check_page', 'watch', 0.3, null),
        ('supply', 2, 'low_local_stock', 'check_source', 'watch', 0.3, null),
        ('buy_box', 3, 'suppressed', 'lift_suppression', 'today', 0.7, 48),
        ('buy_box', 3, 'no_offer', 'restore_offer', 'today', 0.6, 48),
        ('buy_box', 3, 'offer_missing', 'restore_offer', 'today', 0.7, 48),
        ('buy_box', 3, 'undercut', 'win_back', 'today', 0.5, 48),
        ('buy_box', 3, 'not_price', 'study_delivery', 'today', 0.4, 48),
        ('obsolete', 4, 'wrongly_obsolete', 'correct_replenishment', 'today', 0.8, 72),
        ('price', 5, 'vendor_loses', 'renegotiate_cost', 'today', 0.8, 168),
        ('price', 5, 'trace_supply', 'trace_supply', 'weekly', 0.4, null),
        ('price', 5, 'fund_or_cut_cost', 'fund_or_cut_cost', 'weekly', 0.4, null),
        ('price', 5, 'unviable_at_market', 'reconsider_range', 'weekly', 0.2, null),
        ('price', 5, 'margin_at_risk', 'defend_margin', 'weekly', 0.5, null),
        ('page_regression', 6, 'page_regression', 'repair_page', 'today', 0.7, 72),
        ('page_regression', 6, 'page_changed', 'check_change', 'weekly', 0.3, null),
        ('excess', 7, 'overstock', 'plan_promotion', 'weekly', 0.5, null),
        ('excess', 7, 'dead_stock', 'clear_stock', 'weekly', 0.5, null),
        ('content', 8, 'content_low', 'improve_page', 'weekly', 0.3, null),
        ('attribution', 9, 'attribution_lost', 'open_case', 'today', 0.8, 72),
        ('returns', 10, 'returns_high', 'study_returns', 'weekly', 0.3, null),
        ('drop', 11, 'drop_traffic', 'raise_traffic', 'today', 0.4, 72),
        ('drop', 11, 'drop_conversion', 'repair_conversion', 'today', 0.4, 72),
        ('drop', 11, 'drop_buy_box', 'study_buy_box', 'today', 0.4, 72),
        ('drop', 11, 'drop_price', 'study_price', 'today', 0.3, 72),
        ('drop', 11, 'drop_gone', 'study_drop', 'today', 0.4, 72),
        ('drop', 11, 'drop_unknown', 'study_drop', 'today', 0.3, 72),
        ('drop', 11, 'early_drop', 'study_drop', 'watch', 0.3, null)
    ) as r (family_code, family_place, cause_code, action_code, lane_code, recoverable_ratio, due_hours)
$$;

-- Whether the first cause explains the second of the same product and day, which is then its symptom and no line of its own. Causes that
-- need other people (out of stock and undercut) never explain each other. in_severity 3 of a supply cause: there is nothing to sell.
create function mart.explains(in_family text, in_cause text, in_severity integer, in_other_family text, in_other_cause text) returns boolean
language sql immutable as $$
    select case in_family
        when 'page_gone' then in_other_family in ('buy_box', 'price', 'page_regression', 'content', 'attribution', 'drop')
        when 'supply' then in_severity = 3 and (in_other_family in ('attribution', 'drop') or in_other_cause in ('no_offer', 'offer_missing'))
        when 'buy_box' then in_other_family = 'drop' or (in_cause = 'undercut' and in_other_cause = 'trace_supply')
        when 'price' then in_cause in ('fund_or_cut_cost', 'unviable_at_market') and in_other_cause in ('drop_conversion', 'early_drop')
        when 'page_regression' then in_cause = 'page_regression' and in_other_family in ('content', 'drop')
        when 'attribution' then in_other_family = 'drop'
        else false
    end
$$;

create table mart.control_cause_daily (
    account_id text not null,
    business_date date not null,
    asin text not null,
    family_code text not null check (
        family_code in (
            'page_gone', 'supply', 'buy_box', 'obsolete', 'price', 'page_regression', 'excess', 'content', 'attribution', 'returns', 'drop'
        )
    ),
    cause_code text not null check (
        cause_code in (
            'page_not_found', 'po_unconfirmed', 'po_rejected', 'po_overdue', 'demand_surge', 'no_po', 'supply_unexplained', 'supply_unknown',
            'incoming_covers', 'stock_unconfirmed', 'low_local_stock', 'suppressed', 'no_offer', 'offer_missing', 'undercut', 'not_price',
            'wrongly_obsolete', 'vendor_loses', 'trace_supply', 'fund_or_cut_cost', 'unviable_at_market', 'margin_at_risk', 'page_regression',
            'page_changed', 'overstock', 'dead_stock', 'content_low', 'attribution_lost', 'returns_high', 'drop_traffic', 'drop_conversion',
            'drop_buy_box', 'drop_price', 'drop_gone', 'drop_unknown', 'early_drop'
        )
    ),
    severity integer not null check (severity between 1 and 3),
    opened_date date not null,
    reopened_count integer not null,
    due_at timestamptz,
    bundle_code text,
    stake_amount numeric,
    baseline_amount numeric,
    currency_code text not null,
    evidence jsonb not null,
    data_status_code text not null check (data_status_code in ('missing', 'provisional', 'published', 'settled')),
    built_at timestamptz not null,
    primary key (account_id, business_date, asin, family_code)
) partition by range (business_date);

create unlogged table candidate.control_cause_daily (
    build_id bigint not null,
    like mart.control_cause_daily,
    primary key (build_id, account_id, business_date, asin, family_code)
);
alter table candidate.control_cause_daily drop column built_at;
create index control_cause_daily_asin on mart.control_cause_daily (account_id, asin, family_code, business_date);

create table mart.daily_control (
    account_id text not null,
    control_date date not null,
    control_id text not null,
    business_date date not null,
    family_code text not null,
    cause_code text not null,
    action_code text not null,
    bundle_code text,
    asins text[] not null,
    symptoms text[] not null,
    opened_date date not null,
    age_days integer not null,
    reopened_count integer not null,
    is_new boolean not null,
    is_worsened boolean not null,
    due_at timestamptz,
    lane_code text not null check (lane_code in ('today', 'waiting', 'weekly', 'watch', 'backlog')),
    lane_place bigint not null,
    human_status_code text not null check (
        human_status_code in ('open', 'acknowledged', 'snoozed', 'sent_to_client', 'agreed', 'refused', 'done', 'not_invited', 'not_effective')
    ),
    follow_up_date date,
    stake_amount numeric,
    recoverable_ratio numeric not null,
    urgency_ratio numeric not null,
    priority_score numeric,
    currency_code text not null,
    evidence jsonb not null,
    data_status_code text not null check (data_status_code in ('missing', 'provisional', 'published', 'settled')),
    built_at timestamptz not null,
    primary key (account_id, control_date, control_id)
) partition by range (control_date);

create unlogged table candidate.daily_control (
    build_id bigint not null,
    like mart.daily_control,
    primary key (build_id, account_id, control_date, control_id)
);
alter table candidate.daily_control drop column built_at;
create index control_action_control on ops.control_action (account_id, control_id, acted_at);

-- Whether within the seven days to in_date the product was out of stock, lost the Buy Box in a confirmed incident, or had no page.
create function mart.is_lately_explained(in_account_id text, in_asin text, in_date date, in_time_zone text) returns boolean language sql stable as $$
    select exists (
        select from mart.stock_coverage_daily as c
        where c.account_id = in_account_id and c.asin = in_asin and c.business_date between in_date - 6 and in_date and c.stock_status_code = 'out_of_stock'
    ) or exists (
        select from mart.buy_box_incident as i
        where i.account_id = in_account_id and i.asin = in_asin and i.confirmed_at < (in_date + 1)::timestamp at time zone in_time_zone
            and coalesce(i.closed_at > (in_date - 6)::timestamp at time zone in_time_zone, true)
    ) or exists (
        select from mart.content_score_daily as p
        where p.account_id = in_account_id and p.asin = in_asin and p.observed_date between in_date - 6 and in_date and p.page_status_code = 'not_found'
    )
$$;

-- What follows finds causes of an account from in_from to in_to: one row per day, product and cause. What a cause loses in a week is lost_amount or,
-- as a share of the product's own revenue of a week, lost_ratio; null where nothing says it. bundle_code names what several products share.

-- Supply and excess, from stock. The order of a cause is the oldest open one that is unconfirmed, or overdue, as the cause says.
create function mart.supply_causes(in_account_id text, in_from date, in_to date, in_time_zone text, in_carrying_cost_ratio numeric)
returns table (
    business_date date, asin text, cause_code text, severity integer, lost_amount numeric, lost_ratio numeric, due_at timestamptz, bundle_code text,
    evidence jsonb, data_status_code text
) language sql stable as $$
    select
        c.business_date, c.asin,
        case
            when c.stock_status_code = 'unconfirmed' then 'stock_unconfirmed'
            when c.stock_status_code in ('low_local_stock', 'overstock', 'dead_stock') then c.stock_status_code
            when c.supply_cause_code = 'none' then 'supply_unexplained'
            when c.supply_cause_code = 'unknown' then 'supply_unknown'
            else c.supply_cause_code
        end,
        case c.stock_status_code when 'out_of_stock' then 3 when 'critical' then 2 else 1 end,
        case when c.stock_status_code in ('overstock', 'dead_stock') then c.excess_cost_amount * in_carrying_cost_ratio / 52 else c.revenue_at_risk_amount end,
        null::numeric,
        case c.supply_cause_code when 'po_unconfirmed' then o.ordered_at + interval '24 hours' end,
        'purchase_order:' || o.po_number,
        jsonb_build_object(
            'mart', 'stock_coverage_daily', 'stock_status_code', c.stock_status_code, 'sellable_on_hand_units', c.sellable_on_hand_units,
            'stock_source_code', c.stock_source_code, 'stock_as_of_at', c.stock_as_of_at, 'expected_units_per_day', c.expected_units_per_day,
            'days_of_cover', c.days_of_cover, 'projected_stockout_date', c.projected_stockout_date, 'incoming_units', c.incoming_units,
            'revenue_at_risk_amount', c.revenue_at_risk_amount, 'excess_units', c.excess_units, 'excess_cost_amount', c.excess_cost_amount,
            'po_number', o.po_number, 'po_ordered_units', o.ordered_units, 'po_window_end_date', o.window_end_date
        ),
        c.data_status_code
    from mart.stock_coverage_daily as c
    left join lateral (
        select l.po_number, l.ordered_at, l.ordered_units, l.window_end_date
        from core.purchase_order_line as l
        where c.supply_cause_code in ('po_unconfirmed', 'po_overdue') and l.account_id = c.account_id and l.asin = c.asin
            and l.ordered_at < (c.business_date + 1)::timestamp at time zone in_time_zone and l.status_code not in ('closed', 'cancelled')
            and case c.supply_cause_code
                when 'po_unconfirmed'
                    then (l.confirmation_code = 'unconfirmed' or l.accepted_units is null) and coalesce(l.window_end_date >= c.business_date, true)
                else l.window_end_date between c.business_date - 29 and c.business_date - 1 and l.received_units < l.accepted_units
            end
        order by l.ordered_at, l.po_number
        limit 1
    ) as o on true
    where c.account_id = in_account_id and c.business_date between in_from and in_to
        and c.stock_status_code in ('out_of_stock', 'critical', 'low', 'unconfirmed', 'low_local_stock', 'overstock', 'dead_stock')
$$;

-- A confirmed Buy Box incident that is open at the end of a day on which offers were seen. Out of stock is a cause of supply, not of the Buy Box.
create function mart.buy_box_causes(in_account_id text, in_from date, in_to date, in_time_zone text)
returns table (
    business_date date, asin text, cause_code text, severity integer, lost_amount numeric, lost_ratio numeric, due_at timestamptz, bundle_code text,
    evidence jsonb, data_status_code text
) language sql stable as $$
    select
        g.business_date, g.asin, i.cause_code, 2, null::numeric, 1.0, i.target_at,
        case i.cause_code when 'undercut' then 'reseller:' || i.winner_seller_id end,
        jsonb_build_object(
            'mart', 'buy_box_incident', 'opened_at', i.opened_at, 'confirmed_at', i.confirmed_at, 'winner_seller_id', i.winner_seller_id,
            'winner_price_amount', i.winner_price_amount, 'our_price_amount', i.our_price_amount, 'target_at', i.target_at,
            'reopened_count', i.reopened_count
        ),
        g.data_status_code
    from mart.price_gap_daily as g
    cross join lateral (select (g.business_date + 1)::timestamp at time zone in_time_zone as end_at) as d
    inner join mart.buy_box_incident as i
        on i.account_id = g.account_id and i.asin = g.asin and i.confirmed_at < d.end_at and coalesce(i.closed_at >= d.end_at, true)
    where g.account_id = in_account_id and g.business_date between in_from and in_to and i.cause_code <> 'out_of_stock'
$$;

-- Verdicts on the price. Amazon loses what it earns below its minimum, the vendor what a unit costs above its net price; a price above the market
-- is taken to lose as large a share of revenue as it is above.
create function mart.price_causes(in_account_id text, in_from date, in_to date) returns table (
    business_date date, asin text, cause_code text, severity integer, lost_amount numeric, lost_ratio numeric, due_at timestamptz, bundle_code text,
    evidence jsonb, data_status_code text
) language sql stable as $$
    select
        g.business_date, g.asin, g.verdict_code, case g.verdict_code when 'vendor_loses' then 3 when 'margin_at_risk' then 2 else 1 end, null::numeric,
        case g.verdict_code
            when 'trace_supply' then 1
            when 'vendor_loses' then -g.vendor_margin_ratio
            when 'margin_at_risk' then -g.amazon_margin_ratio
            else g.price_index / 100 - 1
        end,
        null::timestamptz, null::text,
        jsonb_build_object(
            'mart', 'price_gap_daily', 'amazon_price_amount', g.amazon_price_amount, 'market_price_amount', g.market_price_amount,
            'market_basis_code', g.market_basis_code, 'price_index', g.price_index, 'lowest_other_price_amount', g.lowest_other_price_amount,
            'amazon_margin_ratio', g.amazon_margin_ratio, 'vendor_margin_ratio', g.vendor_margin_ratio, 'price_floor_amount', g.price_floor_amount,
            'joint_price_amount', g.joint_price_amount, 'target_net_cost_amount', g.target_net_cost_amount
        ),
        g.data_status_code
    from mart.price_gap_daily as g
    where g.account_id = in_account_id and g.business_date between in_from and in_to and g.verdict_code not in ('keep', 'unknown')
$$;

-- What is wrong with a page on the day of a look. A regression (the score fell by 10 or more within 28 days) lasts until half of it is back;
-- any other change of the page is told for a week.
create function mart.page_causes(in_account_id text, in_from date, in_to date, in_content_low_score numeric) returns table (
    business_date date, asin text, cause_code text, severity integer, lost_amount numeric, lost_ratio numeric, due_at timestamptz, bundle_code text,
    evidence jsonb, data_status_code text
) language sql stable as $$
    select s.business_date, s.asin, f.cause_code, f.severity, null::numeric, f.lost_ratio, null::timestamptz, null::text, f.evidence, s.data_status_code
    from (
        select
            p.observed_date as business_date, p.asin, p.page_status_code, p.score, p.peer_median_score, p.data_status_code, r.replenishment_category_code,
            e.observed_date as changed_date, e.page_change_code, e.page_changes, e.moved_rules, e.score_change, e.score - e.score_change as score_before
        from mart.content_score_daily as p
        left join core.content_snapshot as r on r.account_id = p.account_id and r.observed_date = p.observed_date and r.asin = p.asin
        left join lateral (
            select b.observed_date, b.page_change_code, b.page_changes, b.moved_rules, b.score, b.score_change
            from mart.content_score_daily as b
            where b.account_id = p.account_id and b.asin = p.asin and b.observed_date between p.observed_date - 27 and p.observed_date
                and (b.score_change <= -10 or (b.page_change_code <> 'not_found' and b.observed_date > p.observed_date - 7))
            order by b.score_change <= -10 desc nulls last, b.observed_date desc
            limit 1
        ) as e on true
        where p.account_id = in_account_id and p.observed_date between in_from and in_to
    ) as s
    cross join lateral (
        select 'page_not_found' as cause_code, 3 as severity, 1.0 as lost_ratio,
            jsonb_build_object('mart', 'content_score_daily', 'page_status_code', s.page_status_code) as evidence
        where s.page_status_code = 'not_found'
        union all
        select 'wrongly_obsolete', 2, 1.0,
            jsonb_build_object('mart', 'content_score_daily', 'replenishment_category_code', s.replenishment_category_code)
        where s.replenishment_category_code = 'OBSOLETE'
        union all
        select 'page_regression', 2, (s.score_before - s.score) / 100,
            jsonb_build_object(
                'mart', 'content_score_daily', 'changed_date', s.changed_date, 'page_change_code', s.page_change_code, 'page_changes', s.page_changes,
                'moved_rules', s.moved_rules, 'score_before', s.score_before, 'score', s.score
            )
        where s.score_change <= -10 and s.score < s.score_before + s.score_change / 2
        union all
        select 'page_changed', 1, null,
            jsonb_build_object(
                'mart', 'content_score_daily', 'changed_date', s.changed_date, 'page_change_code', s.page_change_code, 'page_changes', s.page_changes
            )
        where s.page_status_code = 'live' and coalesce(s.score_change > -10, true) and s.page_change_code is not null
        union all
        select 'content_low', 1, (in_content_low_score - s.score) / 100,
            jsonb_build_object('mart', 'content_score_daily', 'score', s.score, 'peer_median_score', s.peer_median_score)
        where s.score < in_content_low_score
    ) as f
$$;

-- What sales say of a day: the newest judged day of its week, and for an early drop the newest real-time day. A drop of seven days in which the
-- product was out of stock, lost the Buy Box or had no page is explained by that, also when that is over.
create function mart.sales_causes(in_account_id text, in_from date, in_to date, in_time_zone text) returns table (
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
    ) as f
$$;

-- The newest row of a mart for a product on or before a day, as one object; null when there is none. Runs as its caller.
create function mart.newest_row(in_mart text, in_account_id text, in_asin text, in_date date) returns jsonb language plpgsql stable as $$
declare
    mart_table regclass := to_regclass(format('mart.%I', in_mart));
    span_column text := ops.span_column(mart_table);
    found jsonb;
begin
    if mart_table is null or span_column is null then
        return null;
    end if;
    execute format('select to_jsonb(m) from %1$s as m where m.account_id = $1 and m.asin = $2 and m.%2$I <= $3 order by m.%2$I desc limit 1', mart_table, span_column)
    into found using in_account_id, in_asin, in_date;
    return found;
end $$;

-- The newest fact of each kind about a product on or before a day, with the load that brought it.
create function mart.newest_facts(in_account_id text, in_asin text, in_date date)
returns table (dataset_code text, fact_date date, load_id bigint) language sql stable as $$
    select f.dataset_code, f.fact_date, f.load_id
    from (
        (
            select 'sales_daily' as dataset_code, s.business_date as fact_date, s.load_id from core.sales_daily as s
            where s.account_id = in_account_id and s.asin = in_asin and s.business_date <= in_date order by s.business_date desc limit 1
        )
        union all
        (
            select 'inventory_daily', s.business_date, s.load_id from core.inventory_daily as s
            where s.account_id = in_account_id and s.asin = in_asin and s.business_date <= in_date order by s.business_date desc limit 1
        )
        union all
        (
            select 'traffic_daily', s.business_date, s.load_id from core.traffic_daily as s
            where s.account_id = in_account_id and s.asin = in_asin and s.business_date <= in_date order by s.business_date desc limit 1
        )
        union all
        (
            select 'margin_daily', s.business_date, s.load_id from core.margin_daily as s
            where s.account_id = in_account_id and s.asin = in_asin and s.business_date <= in_date order by s.business_date desc limit 1
        )
        union all
        (
            select 'featured_offer_loss_daily', s.business_date, s.load_id from core.featured_offer_loss_daily as s
            where s.account_id = in_account_id and s.asin = in_asin and s.business_date <= in_date order by s.business_date desc limit 1
        )
        union all
        (
            select 'forecast_weekly', s.generation_date, s.load_id from core.forecast_weekly as s
            where s.account_id = in_account_id and s.asin = in_asin and s.generation_date <= in_date order by s.generation_date desc limit 1
        )
        union all
        (
            select 'inventory_hourly', (s.hour_start_at at time zone 'UTC')::date, s.load_id from core.inventory_hourly as s
            where s.account_id = in_account_id and s.asin = in_asin and s.hour_start_at < in_date + 1 order by s.hour_start_at desc limit 1
        )
        union all
        (
            select 'offer_snapshot', (s.observed_at at time zone 'UTC')::date, s.load_id from core.offer_snapshot as s
            where s.account_id = in_account_id and s.asin = in_asin and s.observed_at < in_date + 1 order by s.observed_at desc limit 1
        )
        union all
        (
            select 'content_snapshot', s.observed_date, s.load_id from core.content_snapshot as s
            where s.account_id = in_account_id and s.asin = in_asin and s.observed_date <= in_date order by s.observed_date desc limit 1
        )
        union all
        (
            select 'purchase_order_line', (s.ordered_at at time zone 'UTC')::date, s.load_id from core.purchase_order_line as s
            where s.account_id = in_account_id and s.asin = in_asin and s.ordered_at < in_date + 1 order by s.ordered_at desc limit 1
        )
    ) as f
$$;
