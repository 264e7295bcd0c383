-- Purpose: the register (participants, their certificates and assertion keys) and sharing agreements.
-- Each change raises a version in the ledger's head, so that whoever holds the head's lock knows whether
-- what it remembers of them still stands.
-- Locks: none (new tables).

create table participants (
  ods_code text primary key constraint participants_ods_code_form check (ods_code ~ '^[A-Z0-9]{3,10}$'),
  name text not null,
  kind text not null constraint participants_kind_known check (
    kind in ('nhs-health-centre', 'nhs-hospital', 'la-social-care', 'la-housing-benefit', 'auditor')
  ),
  status text not null constraint participants_status_known check (status in ('active', 'suspended')),
  added_at timestamptz not null
);

create table participant_certificates (
  fingerprint256 text primary key constraint participant_certificates_fingerprint_form check (fingerprint256 ~ '^[0-9a-f]{64}$'),
  ods_code text not null references participants,
  system text not null,
  not_after timestamptz not null,
  added_at timestamptz not null,
  revoked_at timestamptz
);

create table participant_assertion_keys (
  ods_code text not null references participants,
  kid text not null,
  algorithm text not null constraint participant_assertion_keys_algorithm_known check (algorithm in ('ES256', 'RS256')),
  public_key text not null,
  added_at timestamptz not null,
  primary key (ods_code, kid)
);

-- Versions are rows. The newest version of an id is the one that counts; ended_at ends it.
create table sharing_agreements (
  id text not null,
  version integer not null,
  document jsonb not null,
  applied_at timestamptz not null,
  ended_at timestamptz,
  primary key (id, version)
);

create function raise_register_version() returns trigger language plpgsql as $$
begin
  update ledger_head set register_version = register_version + 1;
  notify jetway_register;
  return null;
end $$;

create trigger participants_raise_version after insert or update or delete on participants
  for each statement execute function raise_register_version();
create trigger participant_certificates_raise_version after insert or update or delete on participant_certificates
  for each statement execute function raise_register_version();
create trigger participant_assertion_keys_raise_version after insert or update or delete on participant_assertion_keys
  for each statement execute function raise_register_version();

create function raise_agreements_version() returns trigger language plpgsql as $$
begin
  update ledger_head set agreements_version = agreements_version + 1;
  return null;
end $$;

create trigger sharing_agreements_raise_version after insert or update or delete on sharing_agreements
  for each statement execute function raise_agreements_version();

grant select, insert, update on participants, participant_certificates, sharing_agreements to jetway_gateway;
grant select, insert on participant_assertion_keys to jetway_gateway;
