-- Builds mart.daily_control into its candidate, for the builds that build_ids names: account × morning × line. A line is a cause that nothing
-- else of the same product and day explains, of one product or of all that share its bundle. The morning is the day after the business date.
-- noqa: disable=LT01,LT02,LT08,LT14,ST09,AM03
insert into candidate.daily_control (
    build_id, account_id, control_date, control_id, business_date, family_code, cause_code, action_code, bundle_code, asins, symptoms, opened_date,
    age_days, reopened_count, is_new, is_worsened, due_at, lane_code, lane_place, human_status_code, follow_up_date, stake_amount,
    recoverable_ratio, urgency_ratio, priority_score, currency_code, evidence, data_status_code
)
with
-- One build, with the first day on which the account's causes were looked for: what was true in its first 14 days is the backlog.
span as materialized (
    select
        b.build_id, b.from_date, b.to_date, a.account_id, a.time_zone, k.today_line_count,
        (select min(c.business_date) + 14 from mart.control_cause_daily as c where c.account_id = a.account_id) as backlog_end_date
    from ops.build as b
    inner join ops.account as a on b.account_id = a.account_id
    cross join jsonb_to_record(a.thresholds) as k (today_line_count integer)
    where b.build_id = any(%(build_ids)s)
),

-- One cause of a product and day, with what its rule says and with what it was the day before.
cause as materialized (
    select
        s.build_id, s.time_zone, s.today_line_count, s.backlog_end_date, c.*, r.family_place, r.action_code, r.lane_code as usual_lane_code,
        r.recoverable_ratio, concat_ws(':', c.account_id, c.family_code, c.asin, c.opened_date) as cause_id,
        coalesce(c.severity > b.severity or (c.stake_amount > b.stake_amount and c.stake_amount >= 1.25 * b.stake_amount), false) as is_worse,
        coalesce(c.due_at, (c.opened_date + 1)::timestamp at time zone s.time_zone + make_interval(hours => r.due_hours)) as is_due_at
    from span as s
    inner join mart.control_cause_daily as c on c.account_id = s.account_id and c.business_date between s.from_date and s.to_date
    inner join mart.control_rules() as r on r.cause_code = c.cause_code
    left join mart.control_cause_daily as b
        on b.account_id = c.account_id and b.business_date = c.business_date - 1 and b.asin = c.asin and b.family_code = c.family_code
),

-- One cause that nothing else explains, with those that it explains and the number of products in its bundle.
lead_cause as (
    select
        c.*, e.explained, count(*) over (partition by c.build_id, c.business_date, c.cause_code, c.bundle_code) as bundled_count
    from (
        select
            k.*, array_agg(k.family_code) over product as families, array_agg(k.cause_code) over product as causes,
            array_agg(k.severity) over product as severities
        from cause as k
        window product as (partition by k.build_id, k.business_date, k.asin)
    ) as c
    cross join lateral (
        select
            coalesce(bool_or(mart.explains(o.family_code, o.cause_code, o.severity, c.family_code, c.cause_code)), false) as is_explained,
            array_agg(o.cause_code) filter (where mart.explains(c.family_code, c.cause_code, c.severity, o.family_code, o.cause_code)) as explained
        from unnest(c.families, c.causes, c.severities) as o (family_code, cause_code, severity)
    ) as e
    where not e.is_explained
),

-- One line of a morning. Its name is that of its oldest cause, which stays the same while products join and leave the bundle.
line as (
    select
        l.build_id, l.account_id, l.business_date, l.family_code, l.cause_code, l.action_code, l.usual_lane_code, l.recoverable_ratio,
        l.currency_code, case when l.bundled_count > 1 then l.bundle_code end as bundle_code, l.time_zone, l.today_line_count, l.backlog_end_date,
        (array_agg(l.cause_id order by l.opened_date, l.asin))[1] as control_id, array_agg(l.cause_id) as cause_ids,
        string_agg(array_to_string(l.explained, ' '), ' ') as explained,
        array_agg(l.asin order by l.stake_amount desc nulls last, l.asin) as asins, min(l.opened_date) as opened_date,
        (array_agg(l.reopened_count order by l.opened_date, l.asin))[1] as reopened_count, min(l.is_due_at) as due_at,
        bool_and(l.opened_date = l.business_date) as is_new,
        bool_or(l.opened_date < l.business_date) and bool_or(l.is_worse or l.opened_date = l.business_date) as is_worsened,
        sum(l.stake_amount) as stake_amount, jsonb_object_agg(l.asin, l.evidence) as evidence,
        (array_agg(l.data_status_code order by array_position(array['missing', 'provisional', 'published', 'settled'], l.data_status_code)))[1]
            as data_status_code,
        (l.business_date + 2)::timestamp at time zone l.time_zone as end_at
    from lead_cause as l
    group by
        l.build_id, l.account_id, l.business_date, l.family_code, l.cause_code, l.action_code, l.usual_lane_code, l.recoverable_ratio,
        l.currency_code, l.time_zone, l.today_line_count, l.backlog_end_date, case when l.bundled_count > 1 then l.bundle_code end,
        case when l.bundled_count > 1 and l.bundle_code is not null then '' else l.asin end
),

-- The newest that a person did about a cause of the line, or about a line on which it then stood, until the end of the morning's day.
newest_answer as (
    select distinct on (l.build_id, l.business_date, l.control_id)
        l.build_id, l.business_date, l.control_id, a.action_code, a.follow_up_date, a.acted_date,
        coalesce(a.follow_up_date, a.acted_date + 7) as waits_until_date
    from line as l
    cross join lateral unnest(l.cause_ids) as u (cause_id)
    inner join (
        select s.build_id, c.action_id, c.action_code, c.follow_up_date, c.acted_at, d.acted_date, x.cause_id
        from span as s
        inner join ops.control_action as c on c.account_id = s.account_id
        cross join lateral (select (c.acted_at at time zone s.time_zone)::date as acted_date) as d
        cross join lateral unnest(mart.answered_causes(c.account_id, c.control_id, c.asin, d.acted_date)) as x (cause_id)
    ) as a on l.build_id = a.build_id and u.cause_id = a.cause_id and l.end_at > a.acted_at
    order by l.build_id, l.business_date, l.control_id, a.acted_at desc, a.action_id desc
),

-- The same with what a person did last about it.
answered as (
    select
        l.*, y.symptoms, h.follow_up_date,
        case
            when h.action_code is null then 'open'
            when h.action_code = 'done' and l.business_date + 1 - h.acted_date >= 7 then 'not_effective'
            when h.action_code = 'snoozed' and h.waits_until_date <= l.business_date + 1 then 'open'
            else h.action_code
        end as human_status_code,
        coalesce(h.action_code in ('snoozed', 'sent_to_client', 'agreed', 'done') and h.waits_until_date > l.business_date + 1, false) as is_waiting,
        case
            when l.due_at < l.end_at then 1 when l.due_at < l.end_at + interval '2 days' then 0.8
            when l.due_at < l.end_at + interval '7 days' then 0.5 else 0.3
        end as urgency_ratio
    from line as l
    left join newest_answer as h on l.build_id = h.build_id and l.business_date = h.business_date and l.control_id = h.control_id
    cross join lateral (
        select coalesce(array_agg(distinct x.symptom), '{}') as symptoms from unnest(string_to_array(l.explained, ' ')) as x (symptom)
    ) as y
),

laned as (
    select
        a.*,
        case
            when is_waiting then 'waiting'
            when human_status_code in ('refused', 'not_invited') then 'backlog'
            when usual_lane_code <> 'today' then usual_lane_code
            when opened_date < backlog_end_date and not is_worsened then 'backlog'
            when is_new or is_worsened or human_status_code = 'not_effective' or due_at < end_at + interval '1 day' then 'today'
            else 'backlog'
        end as lane_code,
        round(stake_amount * recoverable_ratio * urgency_ratio, 4) as priority_score
    from answered as a
),

-- The same, with what has no place left among today's lines in the backlog.
placed as (
    select
        l.*, case when lane_code = 'today' and row_number() over lane > today_line_count then 'backlog' else lane_code end as final_lane_code
    from laned as l
    window lane as (partition by build_id, business_date, lane_code order by priority_score desc nulls last, control_id)
)
select
    build_id, account_id, business_date + 1, control_id, business_date, family_code, cause_code, action_code, bundle_code, asins, symptoms,
    opened_date, business_date - opened_date, reopened_count, is_new, is_worsened, due_at, final_lane_code,
    row_number() over (partition by build_id, business_date, final_lane_code order by priority_score desc nulls last, control_id), human_status_code,
    follow_up_date, round(stake_amount, 4), recoverable_ratio, urgency_ratio, priority_score, currency_code, evidence, data_status_code
from placed
