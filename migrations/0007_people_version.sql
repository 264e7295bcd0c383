-- Purpose: `people_version` in the head rises with every change of a person's state or of an organisation's link to
-- a person, and each person remembers at which version that was last so. What a node read of people stands while
-- the version does, and the index tells whom to read again (docs/decisions/0007-links-by-people-version.md).
-- Locks: persons, ledger_head and client_links against everything until the migration is through, which is about a
-- quarter of a second per million people. The previous release keeps working: triggers write what it does not know of.

alter table persons add column people_version bigint not null default 1;
create index persons_people_version on persons (people_version);
alter table ledger_head add column people_version bigint not null default 1;

-- Raising the head's version takes the head's lock, which whoever changes people holds already. Statements that
-- change nothing fire, too.
create or replace function raise_state_version() returns trigger language plpgsql as $$
declare
  raised bigint;
begin
  if not exists (select from changed) then
    return null;
  end if;
  update ledger_head set people_version = people_version + 1 returning people_version into raised;
  update persons set state_version = state_version + 1, people_version = raised
  where id in (select distinct person_id from changed);
  return null;
end $$;

-- A link says when its organisation traced the person: no part of the person's state. One that leads to somebody else
-- from now on concerns both.
create function raise_people_version() returns trigger language plpgsql as $$
declare
  raised bigint;
  concerned uuid[];
begin
  concerned = array(select distinct person_id from changed);
  if tg_op = 'UPDATE' then
    concerned = concerned || array(select distinct person_id from former);
  end if;
  if cardinality(concerned) = 0 then
    return null;
  end if;
  update ledger_head set people_version = people_version + 1 returning people_version into raised;
  update persons set people_version = raised where id = any(concerned);
  return null;
end $$;

create trigger client_links_inserted after insert on client_links
  referencing new table as changed for each statement execute function raise_people_version();
create trigger client_links_updated after update on client_links
  referencing old table as former new table as changed for each statement execute function raise_people_version();
create trigger client_links_deleted after delete on client_links
  referencing old table as changed for each statement execute function raise_people_version();
