-- A number from 0 to below 1 that depends on nothing but its three arguments, for this session.
create or replace function pg_temp.noise(in_product integer, in_day date, in_seed integer) returns double precision
language sql immutable as $$
    select (hashint8extended(in_product::bigint * 65536 + (in_day - date '2000-01-01'), in_seed) & 1073741823) / 1073741824.0::double precision
$$;
