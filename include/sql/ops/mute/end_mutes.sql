-- Lets what is muted just so, the whole account or this dataset, be heard again from on_date on; the rows stay.
update ops.mute set until_date = %(on_date)s::date - 1
where
    account_id = %(account_id)s
    and dataset_code is not distinct from %(dataset_code)s
    and until_date >= %(on_date)s
returning mute_id
