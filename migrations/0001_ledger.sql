-- Purpose: the ledger (append-only, its head row is the one lock of the system) and the role that the
-- gateway works under, which can neither change nor remove what was written.
-- Locks: none (new tables). The previous release: there is none.

do $$
begin
  if not exists (select from pg_roles where rolname = 'jetway_gateway') then
    create role jetway_gateway nologin;
  end if;
exception when duplicate_object then null; -- another database of the same cluster was first
end $$;

-- A log of its own tree and origin. A second one exists only after `jetway ledger recover`.
create table ledger_logs (
  log integer primary key,
  origin text not null constraint ledger_logs_origin_key unique,
  opened_at timestamptz not null,
  -- why a new log was needed: the last checkpoint of the old one that was kept outside the database
  predecessor_checkpoint text
);

-- Every transaction that discloses or changes anything locks this row first, in a statement of its own.
create table ledger_head (
  singleton boolean primary key default true constraint ledger_head_singleton check (singleton),
  log integer not null,
  size bigint not null,
  at timestamptz not null,
  frontier bytea not null,
  root bytea not null,
  register_version bigint not null,
  agreements_version bigint not null
) with (fillfactor = 20);

insert into ledger_head (log, size, at, frontier, root, register_version, agreements_version)
values (1, 0, '-infinity', '', sha256(''), 1, 1);

-- One row per transaction: leaves of 50 bytes each, without personal data (docs/architecture.md, ledger).
create table ledger_leaves (
  log integer not null,
  first_index bigint not null,
  leaves bytea not null constraint ledger_leaves_whole check (length(leaves) > 0 and length(leaves) % 50 = 0),
  primary key (log, first_index)
);

-- What the leaves commit to, apart so that one event can be erased: one line of canonical JSON an event
-- and 32 bytes of key an event; an erased event has an empty line and a key of zeroes.
create table ledger_payloads (
  log integer not null,
  first_index bigint not null,
  commitment_keys bytea not null,
  payloads text not null,
  primary key (log, first_index)
);

-- The roots of full blocks of 256 leaves: what a tile of level 1 is made of.
create table ledger_blocks (
  log integer not null,
  block bigint not null,
  root bytea not null constraint ledger_blocks_root_size check (length(root) = 32),
  primary key (log, block)
);

-- For searching. Stands outside the tree, so `jetway ledger verify` recomputes every row from the payloads.
create table ledger_events (
  log integer not null,
  index bigint not null,
  at timestamptz not null,
  action text not null,
  outcome text not null,
  organisation text,
  person_id uuid,
  record_type text,
  reasons text[] not null,
  primary key (log, index)
);
create index ledger_events_person on ledger_events (person_id, log, index) where person_id is not null;
create index ledger_events_at on ledger_events using brin (at) with (autosummarize = on);

create table ledger_checkpoints (
  log integer not null,
  size bigint not null,
  note text not null,
  primary key (log, size)
);

grant select, insert on ledger_logs, ledger_leaves, ledger_payloads, ledger_blocks, ledger_events, ledger_checkpoints
  to jetway_gateway;
grant select, update on ledger_head to jetway_gateway;
