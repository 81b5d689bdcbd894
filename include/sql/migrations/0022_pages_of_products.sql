-- The article number on a page: with it, a product that the client has not described can be described from its page.
alter table core.content_snapshot add column ean text;

-- Rows that a document says nothing of because Amazon did not deliver them: no fault of the document's other rows.
alter table ops.load add column undelivered_row_count integer not null default 0 check (undelivered_row_count >= 0);
