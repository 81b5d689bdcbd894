-- Builds mart.content_score_daily into its candidate, for the builds that build_ids names. d is a row's observed_date.
-- Reads mart.content_rule_result (all points), core.content_snapshot (what changed, classifications) and the client's catalogue.
-- noqa: disable=LT01,LT02,LT08,LT14
insert into candidate.content_score_daily (
    build_id, account_id, observed_date, asin, page_status_code, ruleset_code, score, known_weight, previous_observed_date, score_change,
    moved_rules, page_change_code, page_changes, peer_median_score, peer_count, data_status_code
)
with
span as materialized (
    select b.build_id, b.account_id, b.from_date, b.to_date from ops.build as b where b.build_id = any(%(build_ids)s)
),

-- One page that was looked at in the span or the six days before, with its score; the day before its next look ends its time as a peer.
scored_look as materialized (
    select
        s.build_id, s.from_date, s.to_date, r.account_id, r.observed_date, r.asin, c.classification_id, r.score,
        least(r.observed_date + 6, lead(r.observed_date) over (partition by s.build_id, r.asin order by r.observed_date) - 1) as peer_to_date
    from span as s
    cross join lateral (
        select
            r.account_id, r.observed_date, r.asin,
            case when sum(r.weight) filter (where r.is_known) >= 50
                then 100 * sum(r.weight * r.points_ratio) / sum(r.weight) filter (where r.is_known) end as score
        from mart.content_rule_result as r
        where r.account_id = s.account_id and r.observed_date between s.from_date - 6 and s.to_date
        group by r.account_id, r.observed_date, r.asin
    ) as r
    inner join core.content_snapshot as c on r.account_id = c.account_id and r.observed_date = c.observed_date and r.asin = c.asin
),

-- The scores of one classification as the newest looks of d-6 … d say them, ascending.
peer_group as (
    select l.build_id, d.day::date as observed_date, l.classification_id, array_agg(l.score order by l.score) as scores
    from scored_look as l
    cross join lateral
        generate_series(greatest(l.observed_date, l.from_date)::timestamp, least(l.peer_to_date, l.to_date), interval '1 day') as d (day)
    where l.score is not null and l.classification_id <> ''
    group by l.build_id, d.day, l.classification_id
),

-- One page of the client's own, beside the look before.
page as materialized (
    select
        l.build_id, l.account_id, l.observed_date, l.asin, l.score, n.page_status_code, n.classification_id, p.observed_date as previous_date,
        mart.page_changes(n, p) as changes
    from scored_look as l
    inner join core.content_snapshot as n on l.account_id = n.account_id and l.observed_date = n.observed_date and l.asin = n.asin
    cross join lateral (
        select max(s.observed_date) as observed_date
        from core.content_snapshot as s
        where s.account_id = l.account_id and s.asin = l.asin and s.observed_date between l.observed_date - 90 and l.observed_date - 1
    ) as b
    left join core.content_snapshot as p on l.account_id = p.account_id and b.observed_date = p.observed_date and l.asin = p.asin
    where l.observed_date >= l.from_date and mart.is_in_catalogue(l.account_id, l.asin, l.observed_date)
)
select
    p.build_id, p.account_id, p.observed_date, p.asin, p.page_status_code, r.ruleset_code, round(p.score, 4), r.known_weight, p.previous_date,
    case when r.common_weight >= 50 then round(100 * r.points_moved / r.common_weight, 4) end,
    case when p.previous_date is not null then r.moved_rules end, p.changes ->> 'first', p.changes -> 'all',
    round((g.scores[(cardinality(g.scores) + 1) / 2] + g.scores[(cardinality(g.scores) + 2) / 2]) / 2, 4), coalesce(cardinality(g.scores), 0),
    case when p.page_status_code = 'live' and p.score is null then 'missing' else 'settled' end
from page as p
cross join lateral (
    select
        min(n.ruleset_code) as ruleset_code, coalesce(sum(n.weight) filter (where n.is_known), 0) as known_weight,
        sum(n.weight) filter (where n.is_known and b.is_known) as common_weight, sum(n.weight * (n.points_ratio - b.points_ratio)) as points_moved,
        coalesce(
            jsonb_agg(
                jsonb_build_object('rule_code', n.rule_code, 'before', b.points_ratio, 'after', n.points_ratio) order by n.rule_code
            ) filter (where n.points_ratio <> b.points_ratio), '[]'
        ) as moved_rules
    from mart.content_rule_result as n
    left join mart.content_rule_result as b
        on n.account_id = b.account_id and p.previous_date = b.observed_date and n.asin = b.asin and n.rule_code = b.rule_code
            and n.ruleset_code = b.ruleset_code
    where n.account_id = p.account_id and n.observed_date = p.observed_date and n.asin = p.asin
) as r
left join peer_group as g on p.build_id = g.build_id and p.observed_date = g.observed_date and p.classification_id = g.classification_id
