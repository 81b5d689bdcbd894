-- mart.data_status reads the registry of the datasets with the rights of whoever asks, and whoever builds marts asks too.
grant select on ops.dataset to daybreak_transformer;
