-- What a person did about a line of several products counts for each of its products as long as that product's own cause goes on, also when the
-- cause after which the line was named is over.

-- The causes that an action answers, as account:family:asin:opened_date: the one that its control is named after, and those that stood on the same
-- line when it was taken (the newest of the 15 days before, which its morning showed). An action that names a product answers that one of them.
create function mart.answered_causes(in_account_id text, in_control_id text, in_asin text, in_acted_date date) returns text[]
language plpgsql stable as $$
begin
    return (
        select in_control_id || coalesce(array_agg(concat_ws(':', m.account_id, m.family_code, m.asin, m.opened_date)), '{}')
        from (
            select c.*
            from mart.control_cause_daily as c
            where
                c.account_id = in_account_id and c.business_date between in_acted_date - 15 and in_acted_date - 1
                and c.asin = split_part(in_control_id, ':', 3)
                and concat_ws(':', c.account_id, c.family_code, c.asin, c.opened_date) = in_control_id
            order by c.business_date desc
            limit 1
        ) as h
        inner join mart.control_cause_daily as m
            on h.account_id = m.account_id and h.business_date = m.business_date and h.cause_code = m.cause_code and h.bundle_code = m.bundle_code
        where
            h.asin <> m.asin and coalesce(m.asin = in_asin, true)
            and not exists (
                select from mart.control_cause_daily as o
                where
                    o.account_id = m.account_id and o.business_date = m.business_date and o.asin in (h.asin, m.asin)
                    and mart.explains(o.family_code, o.cause_code, o.severity, m.family_code, m.cause_code)
            )
    );
end $$;

-- As before, and an action on the line of a reseller answers the incident of each product that he undercut when it was taken.
create or replace function mart.answers_incident(
    in_control_id text, in_acted_at timestamptz, in_account_id text, in_asin text, in_opened_at timestamptz
) returns boolean language sql stable as $$
    select starts_with(in_control_id, concat_ws(':', in_account_id, 'buy_box', '')) and in_acted_at >= in_opened_at
        and not exists (
            select from mart.buy_box_incident as n
            where n.account_id = in_account_id and n.asin = in_asin and n.opened_at > in_opened_at and n.opened_at <= in_acted_at
                and n.confirmed_at is not null
        )
        and (
            split_part(in_control_id, ':', 3) = in_asin
            or exists (
                select
                from mart.buy_box_incident as i
                inner join mart.buy_box_incident as h
                    on h.account_id = i.account_id and h.cause_code = i.cause_code and h.winner_seller_id = i.winner_seller_id
                where
                    i.account_id = in_account_id and i.asin = in_asin and i.opened_at = in_opened_at and i.cause_code = 'undercut'
                    and i.confirmed_at <= in_acted_at and coalesce(i.closed_at > in_acted_at, true)
                    and h.asin = split_part(in_control_id, ':', 3)
                    and h.confirmed_at <= in_acted_at and coalesce(h.closed_at > in_acted_at, true)
            )
        )
$$;
