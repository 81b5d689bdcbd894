-- Publishing replaces the orders of some days; the marts read one product's lines.
create index purchase_order_line_ordered on core.purchase_order_line (account_id, ordered_at);
