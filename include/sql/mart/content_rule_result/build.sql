-- Builds mart.content_rule_result into its candidate, for the builds that build_ids names: each page that was looked at, by each rule.
-- Reads core.content_snapshot. What a rule reads and did not get (null) leaves its points null; '' and [] are a page that lacks the part.
-- noqa: disable=LT01,LT02,LT08,LT14
insert into candidate.content_rule_result (
    build_id, account_id, observed_date, asin, rule_code, ruleset_code, weight, is_known, points_ratio, evidence, data_status_code
)
with
-- One page that was looked at, with what its rules measure.
page as materialized (
    select
        b.build_id, s.account_id, s.observed_date, s.asin, s.page_status_code = 'live' as is_live, s.brand_name, s.bullets, s.images,
        s.has_a_plus, s.attributes, s.classification_id,
        length(mart.page_text(s.title)) as title_length,
        case when s.title is not null and s.brand_name is not null
            then strpos(mart.folded_text(s.title), mart.folded_text(s.brand_name)) > 0 and mart.page_text(s.brand_name) <> ''
        end as is_brand_in_title,
        array(
            select distinct m.parts[1] from regexp_matches(s.title, '[!$?_{}^¬¦]', 'g') as m (parts) order by 1
        ) as unwanted_characters,
        mart.repeated_words(s.title) as repeated_words,
        length(mart.unmarked_text(s.description)) as description_length
    from ops.build as b
    inner join core.content_snapshot as s on b.account_id = s.account_id and s.observed_date between b.from_date and b.to_date
    where b.build_id = any(%(build_ids)s)
),

-- The same, with its bullets and images counted and its points by rule.
judged as (
    select p.build_id, p.account_id, p.observed_date, p.asin, p.is_live, r.rule_code, r.weight, round(r.points, 9) as points, r.evidence
    from page as p
    cross join lateral (
        select
            count(*) as bullet_count, count(*) filter (where b.bullet_length between 50 and 250) as fitting_count,
            coalesce(jsonb_agg(b.bullet_length order by b.bullet_length), '[]') as bullet_lengths
        from mart.page_bullets(p.bullets) as b
    ) as b
    cross join lateral (
        select
            count(*) as variant_count, coalesce(jsonb_agg(i.variant_code order by i.variant_code), '[]') as variant_codes,
            count(*) filter (where i.variant_code = 'MAIN') as main_count,
            max(i.longest_side_pixels) filter (where i.variant_code = 'MAIN') as main_side_pixels
        from mart.page_images(p.images) as i
    ) as i
    cross join lateral (
        select
            count(*) filter (where p.attributes -> a.name not in ('""', '{}', '[]')) as present_count,
            coalesce(jsonb_agg(a.name order by a.name) filter (where coalesce(p.attributes -> a.name in ('""', '{}', '[]'), true)), '[]')
                as missing_names
        from unnest(array['brand', 'manufacturer', 'part_number', 'item_weight', 'country_of_origin']) as a (name)
    ) as a
    cross join lateral (
        values
        (
            'title_length', 10,
            case when title_length between 80 and 200 then 1 when title_length between 50 and 79 then 0.5 when title_length is not null then 0 end,
            jsonb_build_object('length', title_length)
        ),
        ('title_brand', 5, is_brand_in_title::integer, jsonb_build_object('brand_name', brand_name)),
        (
            'title_clean', 5,
            case when title_length is not null then (title_length > 0 and unwanted_characters = '{}' and repeated_words = '{}')::integer end,
            jsonb_build_object('characters', unwanted_characters, 'words', repeated_words)
        ),
        ('bullet_count', 10, case when bullets is not null then least(bullet_count / 5.0, 1) end, jsonb_build_object('bullets', bullet_count)),
        (
            'bullet_length', 10,
            case when bullets is not null then coalesce(fitting_count::numeric / nullif(bullet_count, 0), 0) end,
            jsonb_build_object('lengths', bullet_lengths)
        ),
        ('image_count', 20, case when images is not null then least(variant_count / 6.0, 1) end, jsonb_build_object('variants', variant_codes)),
        (
            'main_image_zoom', 10,
            case
                when main_side_pixels >= 1000 then 1
                when main_side_pixels >= 500 then 0.5
                when main_side_pixels is not null or (images is not null and main_count = 0) then 0
            end,
            jsonb_build_object('longest_side_pixels', main_side_pixels)
        ),
        ('a_plus', 15, has_a_plus::integer, jsonb_build_object('has_a_plus', has_a_plus)),
        (
            'description', 5,
            case
                when has_a_plus or description_length >= 500 then 1
                when has_a_plus is null or description_length is null then null
                when description_length >= 200 then 0.5
                else 0
            end,
            jsonb_build_object('length', description_length, 'has_a_plus', has_a_plus)
        ),
        ('key_attributes', 5, case when attributes is not null then present_count / 5.0 end, jsonb_build_object('missing', missing_names)),
        (
            'classification', 5, case when classification_id is not null then (classification_id <> '')::integer end,
            jsonb_build_object('classification_id', classification_id)
        )
    ) as r (rule_code, weight, points, evidence)
),

result as (
    select
        build_id, account_id, observed_date, asin, rule_code, weight, case when is_live then points end as points_ratio, evidence, is_live
    from judged
)
select
    build_id, account_id, observed_date, asin, rule_code, '2026.1', weight, points_ratio is not null, points_ratio,
    case when points_ratio is not null then evidence end, case when is_live and points_ratio is null then 'missing' else 'settled' end
from result
