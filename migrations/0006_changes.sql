-- Purpose: the changes feed, and entries for dates at which a decision changes without anybody acting.
-- Locks: ledger_events against writing while its index is built (about a quarter of a second per million
-- entries); consents, overrides, person_facts, persons, client_links and sharing_agreements against writing for an
-- instant. The previous release keeps working: triggers write what it does not know of.

-- Entries that can make a record visible or invisible to somebody. Pulls pay the look at their outcome and no
-- more: 11.0 µs an entry with it and 10.9 without, PostgreSQL 18. Who is in the register is not among them, since no
-- decision on another's record reads it. The feed's statement repeats the condition word for word
-- (src/exchange/change-store.ts).
create index ledger_events_changes on ledger_events (log, index) include (action, organisation, person_id)
where outcome = 'done' and action in (
  'client.registered', 'client.traced', 'facts.recorded', 'record.published', 'record.retracted',
  'consent.recorded', 'consent.withdrawn', 'consent.evidenced', 'consent.lapsed', 'override.recorded',
  'date.passed', 'agreement.applied', 'agreement.ended'
);

-- An organisation's clients in order, and those whose trace goes stale.
create index client_links_traced on client_links (organisation, client) where traced_at is not null;
create index client_links_traced_at on client_links (organisation, traced_at);

-- Which organisation was ever shown that it may have a record: only those are told that it is gone.
create table changes_shown (
  organisation text not null,
  person_id uuid not null references persons,
  record_type text not null,
  custodian text not null,
  primary key (organisation, person_id, record_type, custodian)
);

-- Dates that lie ahead, each removed in the transaction that writes its entry: so none is missed, whatever was
-- recorded while no node ran, and none is written twice. Scanning consents, facts and agreements for dates instead
-- would need indexes over texts in jsonb, and a position that a late row could fall behind.
create table due_dates (
  id bigint generated always as identity primary key,
  due_at timestamptz not null,
  what text not null constraint due_dates_what_known check (
    what in (
      'consent.started', 'consent.ended', 'consent.lapsed', 'override.ended', 'fact.effective', 'birthday.16',
      'agreement.started', 'agreement.ended'
    )
  ),
  person_id uuid references persons,
  -- id of the consent, override or agreement
  subject text,
  -- of the agreement
  version integer
);
create index due_dates_due_at on due_dates (due_at, id);

-- Traces go stale by the agreements of the day, which may change for everybody at once: these are scanned, from
-- where the last sweep ended.
create table trace_sweep (
  singleton boolean primary key default true constraint trace_sweep_singleton check (singleton),
  until timestamptz not null
);
insert into trace_sweep (until) select at from ledger_head;

-- A date that has passed when it is written needs no entry: the one that writes it says as much.
create function due_dates_of_consent(consents) returns table (due_at timestamptz, what text) language sql stable as $$
  select due_at, what from (
    values
      (($1.document #>> '{period,start}')::timestamptz, 'consent.started'),
      (($1.document #>> '{period,end}')::timestamptz, 'consent.ended'),
      -- the form may come until the very end of the seventh day
      (case when $1.document #>> '{evidence,kind}' = 'attested-pending'
         then ($1.document #>> '{evidence,attestedAt}')::timestamptz + interval '168 hours 0.001 seconds'
       end, 'consent.lapsed')
  ) as d (due_at, what) where due_at > $1.recorded_at
$$;

create function due_dates_of_agreement(sharing_agreements) returns table (due_at timestamptz, what text)
language sql stable as $$
  select due_at, what from (
    values
      (($1.document #>> '{period,from}')::timestamptz, 'agreement.started'),
      (($1.document #>> '{period,until}')::timestamptz, 'agreement.ended')
  ) as d (due_at, what) where due_at > $1.applied_at
$$;

-- Born on 29 February: 16 on 1 March of a year without one, hence the day taken off and given back.
create function sixteenth_birthday(birth_date date) returns timestamptz language sql immutable as $$
  select ((birth_date - 1 + interval '16 years') + interval '1 day') at time zone 'UTC'
$$;

create function note_consent_dates() returns trigger language plpgsql as $$
begin
  insert into due_dates (due_at, what, person_id, subject)
  select due_at, what, new.person_id, new.id::text from due_dates_of_consent(new);
  return null;
end $$;

create function note_override_dates() returns trigger language plpgsql as $$
begin
  insert into due_dates (due_at, what, person_id, subject)
  values (new.expires_at, 'override.ended', new.person_id, new.id::text);
  return null;
end $$;

create function note_fact_dates() returns trigger language plpgsql as $$
begin
  insert into due_dates (due_at, what, person_id)
  select distinct effective_from, 'fact.effective', person_id from changed where effective_from > recorded_at;
  return null;
end $$;

create function note_birthday() returns trigger language plpgsql as $$
begin
  insert into due_dates (due_at, what, person_id)
  values (sixteenth_birthday(new.birth_date), 'birthday.16', new.id);
  return null;
end $$;

create function note_agreement_dates() returns trigger language plpgsql as $$
begin
  insert into due_dates (due_at, what, subject, version)
  select due_at, what, new.id, new.version from due_dates_of_agreement(new);
  return null;
end $$;

-- later versions of a consent have the dates of the first
create trigger consents_note_dates after insert on consents
  for each row when (new.version = 1) execute function note_consent_dates();
create trigger overrides_note_dates after insert on overrides
  for each row when (new.expires_at > new.recorded_at) execute function note_override_dates();
create trigger person_facts_note_dates after insert on person_facts
  referencing new table as changed for each statement execute function note_fact_dates();
create trigger persons_note_birthday after insert on persons
  for each row when (sixteenth_birthday(new.birth_date) > new.registered_at) execute function note_birthday();
create trigger sharing_agreements_note_dates after insert on sharing_agreements
  for each row execute function note_agreement_dates();

-- Nobody had a feed yet who could have missed what is past.
insert into due_dates (due_at, what, person_id, subject, version)
select d.* from ledger_head h, lateral (
  select d.due_at, d.what, c.person_id, c.id::text, null::integer
  from consents c, lateral due_dates_of_consent(c) d where c.version = 1
  union all select expires_at, 'override.ended', person_id, id::text, null from overrides
  union all select distinct effective_from, 'fact.effective', person_id, null, null::integer from person_facts
  union all select sixteenth_birthday(birth_date), 'birthday.16', id, null, null from persons
  union all select d.due_at, d.what, null, a.id, a.version
  from sharing_agreements a, lateral due_dates_of_agreement(a) d
) as d (due_at, what, person_id, subject, version) where d.due_at > h.at;

grant select, insert on changes_shown to jetway_gateway;
grant select, insert, delete on due_dates to jetway_gateway;
grant select, update on trace_sweep to jetway_gateway;
