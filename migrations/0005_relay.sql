-- Purpose: what is sent rather than pulled. Endpoints of partners, messages, and the outbox: a delivery for
-- each recipient of a published record or a message, written in the transaction that accepts it.
-- Locks: participants and persons against writing for an instant (foreign keys of new, empty tables). The previous
-- release goes on without them.

-- Where a partner takes deliveries. A change raises the register's version, as of certificates.
create table endpoints (
  ods_code text primary key references participants,
  url text not null,
  -- PEM of the authorities that may vouch for it: never the system's
  anchors text not null,
  -- null: deliveries of every type
  record_types text[],
  set_at timestamptz not null
);
create trigger endpoints_raise_version after insert or update or delete on endpoints
  for each statement execute function raise_register_version();

-- A message as its sender sent it. `sections` and `outline` as in record_versions.
create table messages (
  id uuid primary key,
  person_id uuid not null references persons,
  message_type text not null,
  sender text not null,
  recipient text not null,
  purpose text not null,
  schema text not null,
  as_at text not null,
  digest text not null,
  sections text not null,
  outline jsonb not null,
  sent_at timestamptz not null
);
create index messages_person on messages (person_id);

-- The last number given to what a sender sent of a person: recipients pass over what has a lower one.
create table delivery_sequences (
  person_id uuid not null references persons,
  sender text not null,
  last bigint not null,
  primary key (person_id, sender)
) with (fillfactor = 80);

-- The outbox. One row for each recipient of each thing that is sent; src/deliveries/delivery-state.ts has what
-- may become of it. `position` is the order in which a recipient gets what concerns one person. `due_at` is set
-- for the first of these alone, so that finding work never looks at what waits behind it: when it may be
-- attempted, by the ledger's time, and while an attempt is under way, when that one is given up.
create table deliveries (
  id uuid primary key,
  position bigint generated always as identity,
  kind text not null constraint deliveries_kind_known check (
    kind in ('record', 'message', 'retraction', 'answer', 'report')
  ),
  person_id uuid not null references persons,
  -- null: the gateway itself
  sender text,
  recipient text not null,
  -- record type or message type
  type text not null,
  -- of a record or retraction
  version integer,
  -- of a message or answer
  message_id uuid references messages,
  -- of an answer or report: the delivery that it is about; of a rerun, the one that had failed
  about uuid references deliveries,
  -- of an answer or report: what it says
  content jsonb,
  sequence bigint not null,
  channel text not null constraint deliveries_channel_known check (channel in ('push', 'inbox')),
  state text not null constraint deliveries_state_known check (
    state in ('waiting', 'authorised', 'delivered', 'superseded', 'cancelled', 'refused', 'rejected', 'expired', 'rerun')
  ),
  due_at timestamptz,
  -- attempts to push it so far; an outcome counts for the attempt that it names
  attempt integer not null default 0,
  -- how often it was read in the inbox
  reads integer not null default 0,
  -- what becomes of an attempt under way that does not succeed
  recalled text constraint deliveries_recalled_known check (recalled in ('superseded', 'cancelled')),
  last_failure text,
  accepted_at timestamptz not null,
  expires_at timestamptz not null,
  constraint deliveries_due_while_open check (due_at is null or state in ('waiting', 'authorised'))
) with (fillfactor = 70);

create index deliveries_due on deliveries (recipient, due_at) where due_at is not null;
create index deliveries_open on deliveries (person_id, recipient, position) where state in ('waiting', 'authorised');
create index deliveries_open_of_recipient on deliveries (recipient, channel, position)
  where state in ('waiting', 'authorised');
create index deliveries_expiry on deliveries (expires_at) where state in ('waiting', 'authorised');
create unique index deliveries_position on deliveries (position);
create index deliveries_sent on deliveries (sender, position);
create index deliveries_person on deliveries (person_id, position);

-- What became known of a delivery, each with the entry of the ledger that says so. `particulars`: the status of
-- an answer, the codes of what kept it from being delivered.
create table delivery_receipts (
  delivery_id uuid not null references deliveries,
  receipt text not null constraint delivery_receipts_known check (
    receipt in ('accepted', 'delivered', 'read', 'answered', 'acted-on', 'undelivered')
  ),
  at timestamptz not null,
  log integer not null,
  index bigint not null,
  particulars jsonb,
  primary key (delivery_id, log, index, receipt)
);

-- Withdrawals that have yet to be held against what waits; `position` of the delivery that was looked at last.
create table delivery_reviews (
  person_id uuid primary key references persons,
  position bigint not null
);

grant select, insert, update, delete on endpoints, delivery_reviews to jetway_gateway;
grant select, insert on messages, delivery_receipts to jetway_gateway;
grant select, insert, update on delivery_sequences, deliveries to jetway_gateway;
grant usage on all sequences in schema public to jetway_gateway;
