insert into ops.dataset (dataset_code, calendar_code, has_distributor_view, publish_lag, lookback_days)
values (%(dataset_code)s, %(calendar_code)s, %(has_distributor_view)s, %(publish_lag)s, %(lookback_days)s)
on conflict (dataset_code) do update set
    calendar_code = excluded.calendar_code,
    has_distributor_view = excluded.has_distributor_view,
    publish_lag = excluded.publish_lag,
    lookback_days = excluded.lookback_days
