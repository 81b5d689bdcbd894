-- Publishes the staged rows of one load into core.inventory_daily, for the days that the ledger allows.
-- Parameters: account_id, load_id, variant_code (the distributor view, empty where there is none), days (date[]), known_at
-- (an instant after the series was locked, so that versions of a row follow each other without overlap).
-- Reads the load's staging table as staged_inventory_daily. Three statements; the caller reads their row counts in this order.

-- 1. What was known until now goes to history: rows that differ, and rows that the complete newer report no longer has.
--    A row that stands in quarantine is not gone: its old version stays.
insert into core.inventory_daily_history (
    account_id, business_date, asin, distributor_view_code, sellable_on_hand_units, sellable_on_hand_cost_amount,
    unsellable_on_hand_units, unsellable_on_hand_cost_amount, aged_90_plus_units, aged_90_plus_cost_amount,
    unhealthy_units, unhealthy_cost_amount, open_purchase_order_units, net_received_units, net_received_cost_amount,
    unfilled_customer_ordered_units, vendor_confirmation_ratio, receive_fill_ratio, sell_through_ratio,
    procurable_out_of_stock_ratio, average_vendor_lead_time_days, currency_code, load_id, known_from, known_to
)
select
    c.account_id, c.business_date, c.asin, c.distributor_view_code, c.sellable_on_hand_units,
    c.sellable_on_hand_cost_amount, c.unsellable_on_hand_units, c.unsellable_on_hand_cost_amount,
    c.aged_90_plus_units, c.aged_90_plus_cost_amount, c.unhealthy_units, c.unhealthy_cost_amount,
    c.open_purchase_order_units, c.net_received_units, c.net_received_cost_amount, c.unfilled_customer_ordered_units,
    c.vendor_confirmation_ratio, c.receive_fill_ratio, c.sell_through_ratio, c.procurable_out_of_stock_ratio,
    c.average_vendor_lead_time_days, c.currency_code, c.load_id, c.known_from, %(known_at)s
from core.inventory_daily as c
left join staged_inventory_daily as s on c.business_date = s.business_date and c.asin = s.asin and c.distributor_view_code = s.distributor_view_code
where
    c.account_id = %(account_id)s
    and c.business_date = any(%(days)s)
    and c.distributor_view_code = %(variant_code)s
    and case
        when s.asin is null
            then not exists (
                select 1
                from ops.quarantine as q
                where
                    q.account_id = c.account_id
                    and q.load_id = %(load_id)s
                    and (q.business_date = c.business_date or q.business_date is null)
                    and (q.asin = c.asin or q.asin is null)
            )
        else (
            c.sellable_on_hand_units, c.sellable_on_hand_cost_amount, c.unsellable_on_hand_units,
            c.unsellable_on_hand_cost_amount, c.aged_90_plus_units, c.aged_90_plus_cost_amount, c.unhealthy_units,
            c.unhealthy_cost_amount, c.open_purchase_order_units, c.net_received_units, c.net_received_cost_amount,
            c.unfilled_customer_ordered_units, c.vendor_confirmation_ratio, c.receive_fill_ratio,
            c.sell_through_ratio, c.procurable_out_of_stock_ratio, c.average_vendor_lead_time_days, c.currency_code
        ) is distinct from (
            s.sellable_on_hand_units, s.sellable_on_hand_cost_amount, s.unsellable_on_hand_units,
            s.unsellable_on_hand_cost_amount, s.aged_90_plus_units, s.aged_90_plus_cost_amount, s.unhealthy_units,
            s.unhealthy_cost_amount, s.open_purchase_order_units, s.net_received_units, s.net_received_cost_amount,
            s.unfilled_customer_ordered_units, s.vendor_confirmation_ratio, s.receive_fill_ratio,
            s.sell_through_ratio, s.procurable_out_of_stock_ratio, s.average_vendor_lead_time_days, s.currency_code
        )
    end;

-- 2. Rows that are gone.
delete from core.inventory_daily as c
where
    c.account_id = %(account_id)s
    and c.business_date = any(%(days)s)
    and c.distributor_view_code = %(variant_code)s
    and not exists (
        select 1 from staged_inventory_daily as s
        where s.business_date = c.business_date and s.asin = c.asin and s.distributor_view_code = c.distributor_view_code
    )
    and not exists (
        select 1
        from ops.quarantine as q
        where
            q.account_id = c.account_id
            and q.load_id = %(load_id)s
            and (q.business_date = c.business_date or q.business_date is null)
            and (q.asin = c.asin or q.asin is null)
    );

-- 3. New rows, and only those old ones that differ: publishing the same report twice changes no row.
merge into core.inventory_daily as c
using (
    select *
    from staged_inventory_daily as s
    where
        s.business_date = any(%(days)s)
        and s.distributor_view_code = %(variant_code)s
) as s
    -- The days stand here once more: without them every row that the account has in these months is read.
    on
        c.account_id = %(account_id)s
        and c.business_date = any(%(days)s)
        and c.business_date = s.business_date
        and c.asin = s.asin
        and c.distributor_view_code = s.distributor_view_code
when matched and (
    c.sellable_on_hand_units, c.sellable_on_hand_cost_amount, c.unsellable_on_hand_units,
    c.unsellable_on_hand_cost_amount, c.aged_90_plus_units, c.aged_90_plus_cost_amount, c.unhealthy_units,
    c.unhealthy_cost_amount, c.open_purchase_order_units, c.net_received_units, c.net_received_cost_amount,
    c.unfilled_customer_ordered_units, c.vendor_confirmation_ratio, c.receive_fill_ratio, c.sell_through_ratio,
    c.procurable_out_of_stock_ratio, c.average_vendor_lead_time_days, c.currency_code
) is distinct from (
    s.sellable_on_hand_units, s.sellable_on_hand_cost_amount, s.unsellable_on_hand_units,
    s.unsellable_on_hand_cost_amount, s.aged_90_plus_units, s.aged_90_plus_cost_amount, s.unhealthy_units,
    s.unhealthy_cost_amount, s.open_purchase_order_units, s.net_received_units, s.net_received_cost_amount,
    s.unfilled_customer_ordered_units, s.vendor_confirmation_ratio, s.receive_fill_ratio, s.sell_through_ratio,
    s.procurable_out_of_stock_ratio, s.average_vendor_lead_time_days, s.currency_code
)
then
    update
        set
            sellable_on_hand_units = s.sellable_on_hand_units,
            sellable_on_hand_cost_amount = s.sellable_on_hand_cost_amount,
            unsellable_on_hand_units = s.unsellable_on_hand_units,
            unsellable_on_hand_cost_amount = s.unsellable_on_hand_cost_amount, aged_90_plus_units = s.aged_90_plus_units,
            aged_90_plus_cost_amount = s.aged_90_plus_cost_amount, unhealthy_units = s.unhealthy_units,
            unhealthy_cost_amount = s.unhealthy_cost_amount, open_purchase_order_units = s.open_purchase_order_units,
            net_received_units = s.net_received_units, net_received_cost_amount = s.net_received_cost_amount,
            unfilled_customer_ordered_units = s.unfilled_customer_ordered_units,
            vendor_confirmation_ratio = s.vendor_confirmation_ratio, receive_fill_ratio = s.receive_fill_ratio,
            sell_through_ratio = s.sell_through_ratio, procurable_out_of_stock_ratio = s.procurable_out_of_stock_ratio,
            average_vendor_lead_time_days = s.average_vendor_lead_time_days, currency_code = s.currency_code,
            load_id = %(load_id)s, known_from = %(known_at)s
when not matched
then insert (
    account_id, business_date, asin, distributor_view_code, sellable_on_hand_units, sellable_on_hand_cost_amount,
    unsellable_on_hand_units, unsellable_on_hand_cost_amount, aged_90_plus_units, aged_90_plus_cost_amount,
    unhealthy_units, unhealthy_cost_amount, open_purchase_order_units, net_received_units,
    net_received_cost_amount, unfilled_customer_ordered_units, vendor_confirmation_ratio, receive_fill_ratio,
    sell_through_ratio, procurable_out_of_stock_ratio, average_vendor_lead_time_days, currency_code, load_id,
    known_from
) values (
    %(account_id)s, s.business_date, s.asin, s.distributor_view_code, s.sellable_on_hand_units,
    s.sellable_on_hand_cost_amount, s.unsellable_on_hand_units, s.unsellable_on_hand_cost_amount,
    s.aged_90_plus_units, s.aged_90_plus_cost_amount, s.unhealthy_units, s.unhealthy_cost_amount,
    s.open_purchase_order_units, s.net_received_units, s.net_received_cost_amount,
    s.unfilled_customer_ordered_units, s.vendor_confirmation_ratio, s.receive_fill_ratio, s.sell_through_ratio,
    s.procurable_out_of_stock_ratio, s.average_vendor_lead_time_days, s.currency_code, %(load_id)s, %(known_at)s
);
