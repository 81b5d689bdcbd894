-- The article number on a page: with it, a product that the client has not described can be described from its page.
alter table core.content_snapshot add column ean text;
