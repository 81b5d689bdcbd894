-- The German sharp s has SS for its capital: a brand "Weiß" stands in the title "WEISS", and "Größe" is the word "GRÖSSE" in another case.
create or replace function mart.folded_text(in_text text) returns text language sql immutable parallel safe as $$
    select replace(lower(upper(mart.page_text(in_text) collate "pg_c_utf8")), 'ß', 'ss')
$$;
