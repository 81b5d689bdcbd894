insert into ops.control_action (account_id, control_id, asin, action_code, actor_name, note, spend_amount, follow_up_date)
values (
    %(account_id)s, %(control_id)s, %(asin)s, %(action_code)s, %(actor_name)s, %(note)s, %(spend_amount)s, %(follow_up_date)s
)
