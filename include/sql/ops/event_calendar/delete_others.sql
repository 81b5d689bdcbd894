-- Events that no file names any more.
delete from ops.event_calendar as e
where
    not exists (
        select 1
        from
            unnest(
                %(marketplace_codes)s::text[], %(first_dates)s::date[], %(names)s::text[]
            ) as f (marketplace_code, start_date, name)
        where f.marketplace_code = e.marketplace_code and f.start_date = e.start_date and f.name = e.name
    )
