-- Makes Daybreak's login in a new cluster, as a superuser: a plain one, that has nothing until make_roles.sql gives it the roles
-- of the work. Its name and password are the settings daybreak.login and daybreak.login_password, which docker-compose.yaml sets.
do $make_login$
declare
    other_database text;
begin
    execute format(
        'create role %I login noinherit password %L', current_setting('daybreak.login'), current_setting('daybreak.login_password')
    );
    -- The databases that every cluster has are open to everybody, and no place for a reader of the warehouse.
    foreach other_database in array array['postgres', 'template1'] loop
        execute format('revoke connect, temporary on database %I from public', other_database);
    end loop;
end
$make_login$;
