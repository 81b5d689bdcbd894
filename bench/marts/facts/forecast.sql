-- Amazon's forecast, a generation each Sunday, 16 weeks ahead, of the products that sell at all.
insert into core.forecast_weekly (
    account_id, generation_date, week_start_date, asin, mean_units, p70_units, p80_units, p90_units, load_id, known_from
)
select
    %(account_id)s, g.day::date, g.day::date + 7 * w.week, i.asin, m.units, round(m.units * 1.15, 2), round(m.units * 1.25, 2),
    round(m.units * 1.4, 2), 1, g.day + interval '1 day'
from generate_series(
    %(first_date)s::date - extract(dow from %(first_date)s::date)::integer, %(last_date)s::timestamp, interval '7 days'
) as g (day)
cross join generate_series(0, 15) as w (week)
cross join item as i
cross join lateral (
    select round((7 * i.pace * (0.8 + 0.4 * pg_temp.noise(i.n, g.day::date + 7 * w.week, 7)))::numeric, 2) as units
) as m;
