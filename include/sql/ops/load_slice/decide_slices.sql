-- What publishing one load would do to each of its days:
--   older      a newer payload is published (Amazon's lastUpdatedDate first, then the time of the request): refused
--   unchanged  the published bytes are the same: only confirmed
--   restage    the day was not staged because it equalled what was published then, which has changed since
--   publish    staged and newer
select
    ls.business_date,
    case
        when s.business_date is null then case when ls.is_changed then 'publish' else 'restage' end
        when
            (coalesce(l.last_updated_date, '-infinity'), l.requested_at, l.load_id)
            < (coalesce(s.last_updated_date, '-infinity'), s.requested_at, s.load_id) then 'older'
        when s.status_code = 'published' and s.content_hash = ls.content_hash then 'unchanged'
        when ls.is_changed then 'publish'
        else 'restage'
    end as decision_code
from ops.load_slice as ls
inner join ops.load as l on ls.account_id = l.account_id and ls.load_id = l.load_id
left join ops.slice as s
    on
        l.account_id = s.account_id
        and l.dataset_code = s.dataset_code
        and l.variant_code = s.variant_code
        and ls.business_date = s.business_date
where ls.account_id = %(account_id)s and ls.load_id = %(load_id)s
order by ls.business_date
