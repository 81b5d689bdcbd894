-- Nobody rebuilds a day whose month was dropped.
delete from ops.dirty_mart
where mart_code = %(mart_code)s and business_date < date_trunc('month', %(keep_from)s::date)::date
