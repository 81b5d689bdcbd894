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
