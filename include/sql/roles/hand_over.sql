-- Gives the owner what Daybreak's login owns: a warehouse that is older than the roles, or an object that somebody made by hand.
-- A staging table belongs to the loader, which analyses and drops it.
do $hand_over$
declare
    this record;
begin
    if to_regnamespace('staging') is not null and not has_schema_privilege('daybreak_loader', 'staging', 'CREATE') then
        grant usage, create on schema staging to daybreak_loader;
    end if;
    for this in
        select n.nspname as schema_name
        from pg_namespace as n
        where n.nspname in ('ops', 'staging', 'core', 'candidate', 'mart', 'access') and n.nspowner <> 'daybreak_owner'::regrole
    loop
        execute format('alter schema %I owner to daybreak_owner', this.schema_name);
    end loop;
    for this in
        select
            n.nspname as schema_name, c.relname as table_name, o.role_name,
            case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence' else 'table' end as kind
        from pg_class as c
        inner join pg_namespace as n on n.oid = c.relnamespace
        cross join lateral (
            select case when n.nspname = 'staging' and c.relkind = 'r' then 'daybreak_loader' else 'daybreak_owner' end as role_name
        ) as o
        where c.relkind in ('r', 'p', 'v', 'm', 'S') and c.relowner <> o.role_name::regrole
            and (
                n.nspname in ('ops', 'staging', 'core', 'candidate', 'mart', 'access')
                or (n.nspname = 'public' and c.relname in ('daybreak_migration', 'alembic_version'))
            )
            -- The sequence of an identity column goes with its table.
            and not exists (select 1 from pg_depend as d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype in ('a', 'i')
                and c.relkind = 'S')
    loop
        execute format('alter %s %I.%I owner to %I', this.kind, this.schema_name, this.table_name, this.role_name);
    end loop;
    for this in
        select f.oid::regprocedure as function_name
        from pg_proc as f
        inner join pg_namespace as n on n.oid = f.pronamespace
        where n.nspname in ('ops', 'staging', 'core', 'candidate', 'mart', 'access') and f.proowner <> 'daybreak_owner'::regrole
    loop
        execute format('alter routine %s owner to daybreak_owner', this.function_name);
    end loop;
end
$hand_over$;
