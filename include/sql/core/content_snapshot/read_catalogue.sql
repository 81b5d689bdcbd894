-- The catalogue of a day: the ASINs of sales, inventory and traffic all have a row in core.product, those of the client's list too; of
-- the forecasts the newest of a year counts, which names what is yet to be sold; what is staged only counts for a first morning.
-- Amazon refuses a whole batch for one ASIN that is none.
select known.asin
from (
    select p.asin
    from core.product as p
    where p.account_id = %(account_id)s
    union
    select f.asin
    from core.forecast_weekly as f
    where
        f.account_id = %(account_id)s
        and f.generation_date = (
            select max(g.generation_date)
            from core.forecast_weekly as g
            where
                g.account_id = %(account_id)s
                and g.generation_date between %(on_date)s::date - 364 and %(on_date)s::date
        )
    union
    select s.asin
    from ops.staged_asins(%(account_id)s) as s (asin)
) as known
where known.asin ~ '^[A-Z0-9]{10}$'
order by known.asin
