insert into ops.event_calendar as e (marketplace_code, start_date, end_date, name)
select
    f.code,
    f.first_date,
    f.last_date,
    f.name
from
    unnest(
        %(marketplace_codes)s::text[], %(first_dates)s::date[], %(last_dates)s::date[], %(names)s::text[]
    ) as f (code, first_date, last_date, name)
on conflict (marketplace_code, start_date, name) do update set
    end_date = excluded.end_date
where e.end_date <> excluded.end_date
