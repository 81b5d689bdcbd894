-- Publishing replaces the orders of some days; the marts read one product's lines.
create index purchase_order_line_ordered on core.purchase_order_line (account_id, ordered_at);

-- Which load of the client's file told a row; nothing where the row was prefilled.
alter table core.product add column load_id bigint;
alter table core.product add column known_from timestamptz;
