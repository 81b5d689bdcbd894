-- Gives the owner what Daybreak's login owns: a warehouse that is older than the roles, or an object that somebody made by hand.
-- A staging table belongs to the loader, which analyses and drops it.
do $hand_over$
declare
    layers constant text[] := array['ops', 'staging', 'core', 'candidate', 'mart', 'access'];
    this record;
begin
    for this in select n.nspname as schema_name from pg_namespace as n where n.nspname = any(layers) and n.nspowner = session_user::regrole loop
        execute format('grant usage, create on schema %I to daybreak_owner', this.schema_name);
        if this.schema_name = 'staging' then
            grant usage, create on schema staging to daybreak_loader;
        end if;
    end loop;
    for this in
        select o.*
        from (
            select
                case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence' else 'table' end as kind,
                format('%I.%I', n.nspname, c.relname) as name, c.relowner::regrole as old_owner,
                case when n.nspname = 'staging' and c.relkind = 'r' then 'daybreak_loader' else 'daybreak_owner' end::regrole as new_owner
            from pg_class as c
            inner join pg_namespace as n on n.oid = c.relnamespace
            where c.relkind in ('r', 'p', 'v', 'm', 'S')
                and (n.nspname = any(layers) or (n.nspname = 'public' and c.relname in ('daybreak_migration', 'alembic_version')))
                -- The sequence of an identity column goes with its table.
                and not exists (
                    select 1 from pg_depend as d
                    where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype in ('a', 'i') and c.relkind = 'S'
                )
            union all
            select 'routine', f.oid::regprocedure::text, f.proowner::regrole, 'daybreak_owner'::regrole
            from pg_proc as f
            inner join pg_namespace as n on n.oid = f.pronamespace
            where n.nspname = any(layers)
            union all
            -- Last: who does not own a schema may not look for what is in it.
            select 'schema', n.nspname, n.nspowner::regrole, 'daybreak_owner'::regrole
            from pg_namespace as n
            where n.nspname = any(layers)
        ) as o
        where o.old_owner <> o.new_owner
        order by o.kind = 'schema'
    loop
        if not pg_has_role(session_user, this.old_owner, 'USAGE') then
            raise insufficient_privilege using message = format('%s %s, which belongs to %s', this.kind, this.name, this.old_owner);
        end if;
        execute format('alter %s %s owner to %s', this.kind, this.name, this.new_owner);
    end loop;
end
$hand_over$;
