-- Purpose: the people, what is known of them, and each organisation's own id for them.
-- `state_version` rises whenever anything that a decision about the person reads has changed: a node may
-- keep what it read under one version for as long as the version stands.
-- Locks: none (new tables).

create table persons (
  id uuid primary key,
  birth_date date not null,
  state_version bigint not null default 1,
  registered_by text not null,
  registered_at timestamptz not null
) with (fillfactor = 80);

create table person_identifiers (
  system text not null,
  value text not null,
  person_id uuid not null references persons,
  primary key (system, value)
);
create index person_identifiers_person on person_identifiers (person_id);

-- Comparison keys of family names, previous ones among them (src/clients/name-comparison.ts).
create table person_names (
  person_id uuid not null references persons,
  name_key text not null,
  is_current boolean not null,
  primary key (person_id, name_key)
);

-- A registration that contradicts what is held. Queued for people to look at; nothing is merged.
create table registration_conflicts (
  id uuid primary key,
  organisation text not null,
  request jsonb not null,
  person_ids uuid[] not null,
  recorded_at timestamptz not null,
  resolved_at timestamptz
);

-- traced_at null: the id exists (an auditor met it in the ledger), but nothing was confirmed.
create table client_links (
  client text primary key,
  organisation text not null,
  person_id uuid not null references persons,
  traced_at timestamptz,
  relationship text,
  constraint client_links_one_each unique (organisation, person_id)
);

-- Failed traces per hour, by organisation and by number (as a keyed digest).
create table failed_traces (
  scope text not null,
  hour timestamptz not null,
  count integer not null,
  primary key (scope, hour)
);

create table person_facts (
  id bigint generated always as identity primary key,
  person_id uuid not null references persons,
  name text not null,
  value jsonb not null,
  effective_from timestamptz not null,
  source text not null,
  recorded_at timestamptz not null
);
create index person_facts_person on person_facts (person_id, name, id);

create table consents (
  id uuid not null,
  version integer not null,
  person_id uuid not null references persons,
  document jsonb not null,
  recorded_by text not null,
  recorded_at timestamptz not null,
  primary key (id, version)
);
create index consents_person on consents (person_id, id, version);

create table overrides (
  id uuid primary key,
  person_id uuid not null references persons,
  organisation text not null,
  record_type text not null,
  document jsonb not null,
  expires_at timestamptz not null,
  recorded_by text not null,
  recorded_at timestamptz not null
);
create index overrides_person on overrides (person_id);

-- `sections` is the publisher's own text; `outline` says where in it each section stands.
create table record_versions (
  person_id uuid not null references persons,
  record_type text not null,
  custodian text not null,
  version integer not null,
  schema text not null,
  as_at text not null,
  digest text not null,
  sections text not null,
  outline jsonb not null,
  published_at timestamptz not null,
  retraction_reason text,
  primary key (person_id, record_type, custodian, version)
);

create function raise_state_version() returns trigger language plpgsql as $$
begin
  update persons set state_version = state_version + 1 where id in (select distinct person_id from changed);
  return null;
end $$;

create trigger person_facts_raise_version after insert on person_facts
  referencing new table as changed for each statement execute function raise_state_version();
create trigger consents_raise_version after insert on consents
  referencing new table as changed for each statement execute function raise_state_version();
create trigger overrides_raise_version after insert on overrides
  referencing new table as changed for each statement execute function raise_state_version();
create trigger record_versions_raise_version after insert on record_versions
  referencing new table as changed for each statement execute function raise_state_version();

-- Kept 24 hours. The receipt holds no record content.
create table idempotency_keys (
  organisation text not null,
  route text not null,
  key text not null,
  body_mac text not null,
  reply jsonb not null,
  at timestamptz not null,
  primary key (organisation, route, key)
);
create index idempotency_keys_at on idempotency_keys (at);

create table used_assertions (
  organisation text not null,
  jti text not null,
  expires_at timestamptz not null,
  primary key (organisation, jti)
);
create index used_assertions_expiry on used_assertions (expires_at);

grant select, insert on person_identifiers, person_names, registration_conflicts, person_facts, consents, overrides,
  record_versions to jetway_gateway;
grant select, insert, update on persons, client_links to jetway_gateway;
grant select, insert, update, delete on failed_traces, idempotency_keys, used_assertions to jetway_gateway;
grant usage on all sequences in schema public to jetway_gateway;
