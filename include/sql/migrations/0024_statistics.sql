-- The planner's statistics of every table and partition in which rows have changed since they were taken. Parents are left out: what is read
-- of them is read through their partitions. Takes its time table by table, and gives way to nobody for longer than a second.
create function ops.analyze_changed() returns text[]
language plpgsql set lock_timeout to '1s' as $$
declare
    changed record;
    done text[] := '{}';
begin
    for changed in
        select s.relid::regclass as table_name
        from pg_stat_user_tables as s
        inner join pg_class as c on c.oid = s.relid
        where s.schemaname in ('ops', 'core', 'mart') and c.relkind = 'r' and s.n_mod_since_analyze > 0
            and pg_has_role(c.relowner, 'USAGE')
        order by 1
    loop
        begin
            execute format('analyze %s', changed.table_name);
            done := done || changed.table_name::text;
        exception when lock_not_available then
            raise notice '% is locked; its statistics wait for the next time', changed.table_name;
        end;
    end loop;
    return done;
end $$;
