-- Who may do what: roles with least privilege, and row security that a reader cannot lift.
-- The roles stand before the first migration (include/sql/roles), and migrations run as daybreak_owner.

create schema access;

-- Which accounts' rows a client's login sees. Row security asks this table, so only the owner writes it.
create table ops.client_account (
    account_id text not null references ops.account,
    role_name text not null,
    granted_at timestamptz not null default now(),
    primary key (account_id, role_name)
);

-- Postgres lets everybody run a new function. Here nobody may until access.secure has given it to whom it is for.
alter default privileges for role daybreak_owner revoke execute on functions from public;

-- Partitions are made while a load or a build is published, by roles that own no table: with the owner's rights, for parents of his only.
alter function ops.make_partitions(regclass, date, date) security definer set search_path = pg_catalog, pg_temp;

-- As before, and whoever stages (an administrator's repair, too), the loader owns the table: it analyses and drops it.
create or replace function ops.make_staging_table(in_dataset_code text, in_load_id bigint) returns text language plpgsql as $$
declare
    staging_name text := format('%s_%s', in_dataset_code, in_load_id);
    dropped text;
begin
    execute format('drop table if exists staging.%I cascade', staging_name);
    execute format('create unlogged table staging.%I (row_number integer not null, like core.%I)', staging_name, in_dataset_code);
    foreach dropped in array array['account_id', 'load_id', 'known_from'] loop
        execute format('alter table staging.%I drop column %I', staging_name, dropped);
    end loop;
    execute format('alter table staging.%I owner to daybreak_loader', staging_name);
    return format('staging.%I', staging_name);
end $$;

-- Row security on one table with accounts' rows. Policies of other roles never meet: each is for its role alone.
-- FORCE binds the owner, too: what runs with the owner's rights sees rows because a policy says so, and not by a hole.
create function access.secure_rows(in_table regclass) returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    -- Asked once per query, as an array: the key's index and the planner's pruning stay in use.
    of_client constant text := case
        when in_table = 'ops.client_account'::regclass then 'role_name = current_user'
        else 'account_id = any (array(select c.account_id from ops.client_account as c where c.role_name = current_user))'
    end;
    of_board constant text :=
        'account_id = any (array(select unnest(nullif(current_setting(''daybreak.board_accounts'', true), '''')::text[])))';
    this record;
begin
    if exists (select 1 from pg_class as c where c.oid = in_table and not (c.relrowsecurity and c.relforcerowsecurity)) then
        execute format('alter table %s enable row level security, force row level security', in_table);
    end if;
    for this in
        select p.*
        from (values
            ('daybreak_every_account', 'all', 'daybreak_owner, daybreak_loader, daybreak_transformer, daybreak_analyst', 'true'),
            -- What the page of a signed-in person may see, told by the page for one transaction; nothing when it told nothing.
            ('daybreak_accounts_of_board', 'all', 'daybreak_board', of_board),
            ('daybreak_accounts_of_client', 'select', 'daybreak_client', of_client)
        ) as p (policy_name, command, roles, condition)
        where not exists (select 1 from pg_policy as k where k.polrelid = in_table and k.polname = p.policy_name)
    loop
        execute format('create policy %I on %s for %s to %s using (%s)', this.policy_name, in_table, this.command, this.roles, this.condition);
    end loop;
end $$;

-- The tables of a layer that are no partition. has_rows_of_accounts: row security can tell its rows apart.
create function access.parent_tables(in_schema text) returns table (relation regclass, has_rows_of_accounts boolean)
language sql stable set search_path = pg_catalog, pg_temp as $$
    select c.oid::regclass, exists (select 1 from pg_attribute as a where a.attrelid = c.oid and a.attname = 'account_id' and not a.attisdropped)
    from pg_class as c
    where c.relnamespace = to_regnamespace(in_schema) and c.relkind in ('r', 'p') and not c.relispartition
    order by c.oid
$$;

-- Takes from everybody but the three working roles what must not be theirs: whatever is public; and partitions (a grant on one walks
-- around the row security of its parent), rows before their gate, and views that read with their owner's rights.
create function access.close_side_doors() returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    layers constant regnamespace[] := array['ops', 'staging', 'core', 'candidate', 'mart', 'access']::regnamespace[];
    this record;
begin
    for this in
        select n.oid::regnamespace as layer
        from pg_namespace as n cross join lateral aclexplode(n.nspacl) as a
        where n.oid = any(layers) and a.grantee = 0
    loop
        execute format('revoke all on schema %s from public', this.layer);
    end loop;
    for this in
        select distinct c.oid::regclass as relation, case when a.grantee = 0 then 'public' else a.grantee::regrole::text end as grantee
        from pg_class as c
        cross join lateral (
            select e.grantee from aclexplode(c.relacl) as e
            union
            select e.grantee from pg_attribute as b cross join lateral aclexplode(b.attacl) as e where b.attrelid = c.oid
        ) as a
        where c.relnamespace = any(layers) and c.relkind <> 'S'
            and a.grantee not in (c.relowner, 'daybreak_owner'::regrole, 'daybreak_loader'::regrole, 'daybreak_transformer'::regrole)
            and (
                a.grantee = 0 or c.relispartition or c.relnamespace in ('staging'::regnamespace, 'candidate'::regnamespace)
                or c.relkind in ('m', 'f') or (c.relkind = 'v' and not coalesce('security_invoker=true' = any(c.reloptions), false))
            )
    loop
        execute format('revoke all on %s from %s', this.relation, this.grantee);
    end loop;
    for this in
        select f.oid::regprocedure as function_name
        from pg_proc as f cross join lateral aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) as a
        where f.pronamespace = any(layers) and a.grantee = 0
    loop
        execute format('revoke all on routine %s from public', this.function_name);
    end loop;
end $$;

-- Every role's part of every layer, by what the catalogue says: a later table, view or function is covered without being named.
create function access.open_layers() returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    readers constant text := 'daybreak_analyst, daybreak_client, daybreak_board';
    this record;
begin
    execute format('grant usage on schema ops, core, mart to daybreak_loader, daybreak_transformer, %s', readers);
    grant usage, create on schema staging to daybreak_loader;
    grant usage on schema candidate to daybreak_transformer;
    for this in select * from access.parent_tables('core') loop
        execute format('grant select, insert, update, delete on %s to daybreak_loader', this.relation);
        execute format('grant select on %s to daybreak_transformer', this.relation);
    end loop;
    for this in select * from access.parent_tables('mart') union all select * from access.parent_tables('candidate') loop
        execute format('grant select, insert, update, delete on %s to daybreak_transformer', this.relation);
    end loop;
    -- A fact or a mart without account_id stays closed to readers: nothing could tell its rows apart.
    for this in select * from access.parent_tables('core') union all select * from access.parent_tables('mart') loop
        if this.has_rows_of_accounts then
            execute format('grant select on %s to %s', this.relation, readers);
        end if;
    end loop;
    for this in
        select c.oid::regclass as relation
        from pg_class as c
        where c.relnamespace in ('core'::regnamespace, 'mart'::regnamespace) and c.relkind = 'v' and 'security_invoker=true' = any(c.reloptions)
    loop
        execute format('grant select on %s to daybreak_transformer, %s', this.relation, readers);
    end loop;
    -- The ledger is the loader's, except for what others write: the transformer its builds, the board its actions, the owner who sees what.
    for this in
        select * from access.parent_tables('ops')
        where relation not in ('ops.build'::regclass, 'ops.control_action'::regclass, 'ops.client_account'::regclass)
    loop
        execute format('grant select, insert, update, delete on %s to daybreak_loader', this.relation);
    end loop;
    grant usage on all sequences in schema ops to daybreak_loader;
    -- What only reads is for every role, what writes for the role that writes the layer. None runs with its owner's rights but
    -- ops.make_partitions, which readers may not run.
    for this in
        select
            f.oid::regprocedure as function_name,
            case
                when f.pronamespace = 'ops'::regnamespace then 'daybreak_loader, daybreak_transformer'
                when f.provolatile <> 'v' then 'daybreak_loader, daybreak_transformer, ' || readers
                when f.pronamespace = 'core'::regnamespace then 'daybreak_loader'
                else 'daybreak_transformer'
            end as roles
        from pg_proc as f
        where f.pronamespace in ('ops'::regnamespace, 'core'::regnamespace, 'mart'::regnamespace)
    loop
        execute format('grant execute on routine %s to %s', this.function_name, this.roles);
    end loop;
end $$;

-- Afterwards every table of accounts' rows has its policies and every role its part. Safe to repeat; a repeat takes no lock that a load waits for.
create function access.secure() returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    this record;
begin
    perform pg_advisory_xact_lock(hashtext('daybreak.access'));
    for this in
        select t.relation
        from unnest(array['ops', 'core', 'mart']) as layer
        cross join lateral access.parent_tables(layer) as t
        where t.has_rows_of_accounts
    loop
        perform access.secure_rows(this.relation);
    end loop;
    perform access.close_side_doors();
    perform access.open_layers();
end $$;

-- What of the ledger is more than the loader's is given by name, here and by the migration that makes a table.
grant select on ops.build, ops.control_action to daybreak_loader;
grant select on
ops.account, ops.slice, ops.load_slice, ops.load, ops.document, ops.report_request, ops.event_calendar, ops.mute, ops.dirty_mart, ops.build,
ops.gate_result, ops.morning
to daybreak_transformer;
grant insert, update on ops.build to daybreak_transformer;
grant delete on ops.dirty_mart to daybreak_transformer;
grant insert, delete on ops.gate_result to daybreak_transformer;
grant insert on ops.morning to daybreak_transformer;
-- What mart.data_status and the way back to a document read: credentials, quotas and quarantined rows are not among it.
grant select on ops.account, ops.slice, ops.load_slice, ops.document to daybreak_analyst, daybreak_client, daybreak_board;
grant select (
    account_id, request_id, dataset_code, variant_code, window_start_date, window_end_date, status_code, planned_at, reason
) on ops.report_request to daybreak_analyst, daybreak_client, daybreak_board;
grant select (
    account_id, load_id, dataset_code, variant_code, document_id, request_id, window_start_date, window_end_date, status_code, verdict_code,
    last_updated_date, requested_at, row_count, staged_row_count, quarantined_row_count, inserted_row_count, updated_row_count,
    removed_row_count, reason, landed_at, staged_at, gated_at, published_at
) on ops.load to daybreak_analyst, daybreak_client, daybreak_board;
grant select on ops.event_calendar to daybreak_analyst, daybreak_board;
grant select on ops.client_account to daybreak_client;
grant select on ops.build, ops.gate_result, ops.morning, ops.mute to daybreak_board;
grant select, insert on ops.control_action to daybreak_board;

-- The logins of readers of this database: members of a readers' group that may connect to it. account_ids is null for one that reads all.
create function access.logins() returns table (login_name text, account_ids text[])
language sql stable set search_path = pg_catalog, pg_temp as $$
    select
        r.rolname::text,
        case when g.roleid = 'daybreak_client'::regrole then
            array(select c.account_id from ops.client_account as c where c.role_name = r.rolname order by c.account_id)
        end
    from pg_auth_members as g
    inner join pg_roles as r on r.oid = g.member
    where g.roleid in ('daybreak_analyst'::regrole, 'daybreak_client'::regrole) and r.rolcanlogin
        and has_database_privilege(r.oid, current_database(), 'CONNECT')
    order by 1
$$;

create function access.require_login(in_name text) returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if not exists (select 1 from access.logins() as l where l.login_name = in_name) then
        raise exception '% is no reader of this warehouse; there are: %', in_name,
            coalesce((select string_agg(l.login_name, ', ') from access.logins() as l), 'none');
    end if;
end $$;

-- Afterwards the login sees exactly these accounts; every account, and those to come, when in_account_ids is null.
create function access.set_accounts(in_name text, in_account_ids text[]) returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    unknown constant text := (
        select string_agg(distinct i.account_id, ', ')
        from unnest(in_account_ids) as i (account_id)
        where i.account_id not in (select a.account_id from ops.account as a)
    );
begin
    if unknown is not null then
        raise exception 'the warehouse knows no account % (it knows one once a morning was planned for it); there are: %', unknown,
            coalesce((select string_agg(a.account_id, ', ' order by a.account_id) from ops.account as a), 'none');
    end if;
    delete from ops.client_account as c where c.role_name = in_name;
    insert into ops.client_account (account_id, role_name) select distinct i.account_id, in_name from unnest(in_account_ids) as i (account_id);
    if in_account_ids is null then
        execute format('grant daybreak_analyst to %I', in_name);
        execute format('revoke daybreak_client from %I', in_name);
    else
        execute format('grant daybreak_client to %I', in_name);
        execute format('revoke daybreak_analyst from %I', in_name);
    end if;
end $$;

-- The same for a login that is a reader of this warehouse already.
create function access.change_accounts(in_name text, in_account_ids text[]) returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    perform access.require_login(in_name);
    perform access.set_accounts(in_name, in_account_ids);
end $$;

-- Makes the login of a reader. in_password is what Postgres keeps of a password (SCRAM), never the password itself.
create function access.add_login(in_name text, in_password text, in_account_ids text[]) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if exists (select 1 from pg_roles as r where r.rolname = in_name) then
        raise exception 'a role named % exists in this cluster already', in_name;
    end if;
    if in_password !~ '^SCRAM-SHA-256\$' then
        raise exception 'the password of % must come as its SCRAM verifier', in_name;
    end if;
    execute format('create role %I login connection limit 10 password %L', in_name, in_password);
    execute format('grant connect on database %I to %I', current_database(), in_name);
    -- A query left open for hours keeps rows from being cleaned up. Defaults: the reader may set others.
    execute format('alter role %I in database %I set idle_in_transaction_session_timeout = ''15min''', in_name, current_database());
    execute format('alter role %I in database %I set statement_timeout = ''15min''', in_name, current_database());
    perform access.set_accounts(in_name, in_account_ids);
end $$;

-- Afterwards the login is gone; a session that it has open may read nothing any more.
create function access.remove_login(in_name text) returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    perform access.require_login(in_name);
    delete from ops.client_account as c where c.role_name = in_name;
    execute format('revoke connect on database %I from %I', current_database(), in_name);
    execute format('drop role %I', in_name);
end $$;
