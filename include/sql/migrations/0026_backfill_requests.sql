-- What a request is for: a backfill leaves most of each of Amazon's bursts to the mornings, and no morning waits for it.
alter table ops.report_request add column purpose_code text not null default 'due' check (purpose_code in ('due', 'backfill'));
update ops.report_request set purpose_code = 'backfill'
where run_id = 'history';
