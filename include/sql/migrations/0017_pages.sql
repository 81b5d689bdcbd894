-- What each rule finds on a page, the score that follows from it, and the functions that judge a page by ruleset 2026.1.

create table mart.content_rule_result (
    account_id text not null,
    observed_date date not null,
    asin text not null,
    rule_code text not null check (
        rule_code in (
            'title_length', 'title_brand', 'title_clean', 'bullet_count', 'bullet_length', 'image_count', 'main_image_zoom', 'a_plus',
            'description', 'key_attributes', 'classification'
        )
    ),
    ruleset_code text not null,
    weight integer not null,
    is_known boolean not null,
    points_ratio numeric,
    evidence jsonb,
    data_status_code text not null check (data_status_code in ('missing', 'settled')),
    built_at timestamptz not null,
    primary key (account_id, observed_date, asin, rule_code)
) partition by range (observed_date);

create unlogged table candidate.content_rule_result (
    build_id bigint not null,
    like mart.content_rule_result,
    primary key (build_id, account_id, observed_date, asin, rule_code)
);
alter table candidate.content_rule_result drop column built_at;

create table mart.content_score_daily (
    account_id text not null,
    observed_date date not null,
    asin text not null,
    page_status_code text not null check (page_status_code in ('live', 'not_found')),
    ruleset_code text not null,
    score numeric,
    known_weight integer not null,
    previous_observed_date date,
    score_change numeric,
    moved_rules jsonb,
    page_change_code text check (
        page_change_code in ('not_found', 'left_parent', 'classification', 'brand', 'title', 'images', 'bullets', 'a_plus')
    ),
    page_changes jsonb,
    peer_median_score numeric,
    peer_count integer not null,
    data_status_code text not null check (data_status_code in ('missing', 'settled')),
    built_at timestamptz not null,
    primary key (account_id, observed_date, asin)
) partition by range (observed_date);

create unlogged table candidate.content_score_daily (
    build_id bigint not null,
    like mart.content_score_daily,
    primary key (build_id, account_id, observed_date, asin)
);
alter table candidate.content_score_daily drop column built_at;

-- A text as it is read: letters composed with their marks, marks that no letter composes with left out, runs of white space as one blank.
-- The collation is named so that a letter is a letter in a cluster of whatever locale.
create function mart.page_text(in_text text) returns text language sql immutable parallel safe as $$
    select btrim(regexp_replace(
        regexp_replace(normalize(in_text, nfc), '[\u0300-\u036f]', '', 'g'), '[[:space:]]+' collate "pg_c_utf8", ' ', 'g'
    ))
$$;

-- The same without regard to case; by way of the capitals, so that the Turkish letters i with and without dot are one.
create function mart.folded_text(in_text text) returns text language sql immutable parallel safe as $$
    select lower(upper(mart.page_text(in_text) collate "pg_c_utf8"))
$$;

-- A description without its markup: comments and tags gone, a character reference as one character.
create function mart.unmarked_text(in_text text) returns text language sql immutable parallel safe as $$
    select mart.page_text(
        regexp_replace(
            regexp_replace(
                regexp_replace(regexp_replace(in_text, '<!--.*?-->', '', 'g'), '<[A-Za-z/!?][^>]*>', '', 'g'), '&(nbsp|#160|#[xX][aA]0);', ' ', 'g'
            ),
            '&(#[0-9]+|#[xX][0-9A-Fa-f]+|[A-Za-z][A-Za-z0-9]*);', '.', 'g'
        )
    )
$$;

-- The words of four letters and more that stand in the text more than twice, in any case. A word is a run of letters.
create function mart.repeated_words(in_text text) returns text[] language sql immutable parallel safe as $$
    select coalesce(array_agg(f.word order by f.word), '{}')
    from (
        select w.parts[1] as word
        from regexp_matches(mart.folded_text(in_text) collate "pg_c_utf8", '[[:alpha:]]{4,}', 'g') as w (parts)
        group by w.parts[1]
        having count(*) > 2
    ) as f
$$;

-- The images of a page, one row per variant in its largest size, without swatches. Sides are null where no size was told.
create function mart.page_images(in_images jsonb) returns table (variant_code text, longest_side_pixels integer, size_text text)
language sql immutable parallel safe as $$
    select distinct on (upper(i.variant))
        upper(i.variant),
        case when i.width is not null and i.height is not null then greatest(i.width, i.height) end,
        case when i.width is not null and i.height is not null then format('%sx%s', i.width, i.height) end
    from jsonb_to_recordset(in_images) as i (variant text, width integer, height integer)
    where upper(i.variant) not like 'SWCH%'
    order by upper(i.variant), case when i.width is not null and i.height is not null then greatest(i.width, i.height) end desc nulls last,
        i.width desc nulls last, i.height desc nulls last
$$;

-- Bullets that say something.
create function mart.page_bullets(in_bullets jsonb) returns table (bullet_length integer) language sql immutable parallel safe as $$
    select length(mart.page_text(b.bullet))
    from jsonb_array_elements_text(in_bullets) as b (bullet)
    where mart.page_text(b.bullet) <> ''
$$;

-- The images of a page as {variant: "1500x1200"}, with null where no size was told.
create function mart.image_sizes(in_images jsonb) returns jsonb language sql immutable parallel safe as $$
    select coalesce(jsonb_object_agg(i.variant_code, i.size_text), '{}') from mart.page_images(in_images) as i
$$;

-- Whether a variant came or went, or has another size where both sizes are known. Null when one of the lists is.
create function mart.are_images_changed(in_before jsonb, in_now jsonb) returns boolean language sql immutable parallel safe as $$
    select case when in_before = in_now then false when in_before is not null and in_now is not null then exists (
        select 1
        from mart.page_images(in_before) as b
        full join mart.page_images(in_now) as n on b.variant_code = n.variant_code
        where b.variant_code is null or n.variant_code is null or b.size_text <> n.size_text
    ) end
$$;

-- What changed on a page between two looks: first is the code of the gravest change, all has {code: {before, after}} for each; null when
-- nothing did. A part that is null in one of the looks is not compared.
create function mart.page_changes(in_now core.content_snapshot, in_before core.content_snapshot) returns jsonb
language sql immutable parallel safe as $$
    select jsonb_build_object(
        'first', (array_agg(c.code order by c.place))[1],
        'all', jsonb_object_agg(
            c.code,
            case when c.code = 'images' then jsonb_build_object('before', mart.image_sizes(c.before), 'after', mart.image_sizes(c.after))
                else jsonb_build_object('before', c.before, 'after', c.after) end
        )
    )
    from (
        values
        (
            1, 'not_found', to_jsonb(in_before.page_status_code), to_jsonb(in_now.page_status_code),
            in_before.page_status_code = 'live' and in_now.page_status_code = 'not_found'
        ),
        (
            2, 'left_parent', to_jsonb(in_before.parent_asin), to_jsonb(in_now.parent_asin),
            in_before.parent_asin <> '' and in_before.parent_asin <> in_now.parent_asin
        ),
        (
            3, 'classification', to_jsonb(in_before.classification_id), to_jsonb(in_now.classification_id),
            in_before.classification_id <> in_now.classification_id
        ),
        (4, 'brand', to_jsonb(in_before.brand_name), to_jsonb(in_now.brand_name), in_before.brand_name <> in_now.brand_name),
        (5, 'title', to_jsonb(in_before.title), to_jsonb(in_now.title), in_before.title <> in_now.title),
        (6, 'images', in_before.images, in_now.images, mart.are_images_changed(in_before.images, in_now.images)),
        (7, 'bullets', in_before.bullets, in_now.bullets, in_before.bullets <> in_now.bullets),
        (8, 'a_plus', to_jsonb(in_before.has_a_plus), to_jsonb(in_now.has_a_plus), in_before.has_a_plus <> in_now.has_a_plus)
    ) as c (place, code, before, after, is_changed)
    where c.is_changed
    having count(*) > 0
$$;

-- Whether the ASIN is one of the client's own on that day: a product row of it holds, or a forecast of the year to the day names it.
-- (Publishing sales, inventory and traffic keeps a product row for each ASIN of theirs.)
create function mart.is_in_catalogue(in_account_id text, in_asin text, in_date date) returns boolean language sql stable parallel safe as $$
    select exists (
        select 1
        from core.product as p
        where p.account_id = in_account_id and p.asin = in_asin
            and case when p.valid_from_date = '1970-01-01' then greatest(p.valid_from_date, p.first_seen_date) else p.valid_from_date end <= in_date
    ) or exists (
        select 1
        from core.forecast_weekly as f
        where f.account_id = in_account_id and f.asin = in_asin and f.generation_date between in_date - 364 and in_date
    )
$$;
