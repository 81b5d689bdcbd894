-- Makes the roles of Daybreak's warehouses, lets Daybreak's login act as them, and keeps strangers out of this database.
-- Roles belong to the whole cluster: any number of warehouses share them. Safe to repeat and to run from several at once.
--
-- Daybreak runs this by itself where its login may make roles. Where it may not, an administrator runs it once, connected to the
-- warehouse's database, with the name of Daybreak's login:
--     psql "$ADMINISTRATOR_URL" -c "set daybreak.login = 'warehouse'" -f include/sql/roles/make_roles.sql
-- Run by a superuser it also closes what only a superuser can: large objects and advisory locks, which anybody may make otherwise.
do $make_roles$
declare
    login_name constant text := coalesce(nullif(current_setting('daybreak.login', true), ''), session_user);
    -- From Postgres 16 on, being a member and being able to act as the role are two things.
    may_act constant text := case when current_setting('server_version_num')::integer >= 160000 then 'SET' else 'MEMBER' end;
    not_inherited constant text := case when current_setting('server_version_num')::integer >= 160000 then ' with inherit false' else '' end;
    wanted record;
    attempt integer := 0;
begin
    perform pg_advisory_xact_lock(hashtext('daybreak.roles'));
    loop
        attempt := attempt + 1;
        begin
            for wanted in
                select r.*
                from (values
                    -- Owns every schema, table and function, and makes the logins of readers. Nobody logs in as it.
                    ('daybreak_owner', 'nologin noinherit createrole'),
                    ('daybreak_loader', 'nologin'),
                    ('daybreak_transformer', 'nologin'),
                    ('daybreak_board', 'nologin'),
                    -- Groups of logins: those who read every account, and those who read the accounts that they were given.
                    ('daybreak_analyst', 'nologin'),
                    ('daybreak_client', 'nologin')
                ) as r (role_name, attributes)
                where not exists (select 1 from pg_roles as p where p.rolname = r.role_name)
            loop
                execute format('create role %I %s', wanted.role_name, wanted.attributes);
            end loop;
            for wanted in
                select g.role_name
                from unnest(array['daybreak_analyst', 'daybreak_client']) as g (role_name)
                where not pg_has_role('daybreak_owner', g.role_name, 'MEMBER WITH ADMIN OPTION')
            loop
                execute format('grant %I to daybreak_owner with admin option', wanted.role_name);
            end loop;
            for wanted in
                select r.role_name
                from unnest(array['daybreak_owner', 'daybreak_loader', 'daybreak_transformer', 'daybreak_board']) as r (role_name)
                where not pg_has_role(login_name, r.role_name, may_act)
            loop
                execute format('grant %I to %I%s', wanted.role_name, login_name, not_inherited);
            end loop;
            exit;
        exception when duplicate_object or unique_violation or internal_error then
            -- Another warehouse of the cluster does the same at this moment ("tuple concurrently updated" is an internal error).
            if attempt >= 50 then
                raise;
            end if;
            perform pg_sleep(0.1);
        end;
    end loop;

    if not has_database_privilege('daybreak_owner', current_database(), 'CONNECT WITH GRANT OPTION')
        or not has_database_privilege('daybreak_owner', current_database(), 'CREATE') then
        execute format('grant connect, create, temporary on database %I to daybreak_owner with grant option', current_database());
        execute format('grant temporary on database %I to daybreak_loader', current_database());
        execute format('grant connect on database %I to %I', current_database(), login_name);
    end if;
    if exists (
        select 1
        from pg_database as d
        cross join lateral aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) as a
        where d.datname = current_database() and a.grantee = 0
    ) then
        execute format('grant temporary on database %I to daybreak_loader', current_database());
        execute format('grant connect on database %I to %I', current_database(), login_name);
        execute format('revoke connect, temporary on database %I from public', current_database());
    end if;
    if not has_schema_privilege('daybreak_owner', 'public', 'CREATE') then
        grant usage, create on schema public to daybreak_owner;
    end if;
    if exists (
        select 1
        from pg_namespace as n
        cross join lateral aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) as a
        where n.nspname = 'public' and a.grantee = 0
    ) then
        revoke all on schema public from public;
    end if;

    if exists (
        select 1
        from unnest(array['daybreak_owner', 'daybreak_loader', 'daybreak_transformer', 'daybreak_board']) as r (role_name)
        where not pg_has_role(login_name, r.role_name, may_act)
    )
        or not has_database_privilege('daybreak_owner', current_database(), 'CONNECT WITH GRANT OPTION')
        or not has_database_privilege('daybreak_owner', current_database(), 'CREATE')
        or not has_schema_privilege('daybreak_owner', 'public', 'CREATE')
        or exists (
            select 1
            from pg_database as d
            cross join lateral aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) as a
            where d.datname = current_database() and a.grantee = 0
        ) then
        -- Some of the grants above only warn when they did nothing.
        raise insufficient_privilege using
            message = format('%s may not give the roles of Daybreak what they need in database %s', current_user, current_database());
    end if;

    if (select p.rolsuper from pg_roles as p where p.rolname = current_user) then
        for wanted in
            select f.oid::regprocedure as function_name, f.proname like '%advisory%' as is_lock
            from pg_proc as f
            cross join lateral aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) as a
            where f.pronamespace = 'pg_catalog'::regnamespace and a.grantee = 0
                and (f.proname like 'lo\_%' or f.proname in ('loread', 'lowrite') or f.proname ~ '^pg_(try_)?advisory_')
        loop
            execute format('revoke execute on function %s from public', wanted.function_name);
            if wanted.is_lock then
                execute format(
                    'grant execute on function %s to %I, daybreak_owner, daybreak_loader, daybreak_transformer',
                    wanted.function_name, login_name
                );
            end if;
        end loop;
    end if;
end
$make_roles$;
