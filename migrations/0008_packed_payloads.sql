-- Purpose: payloads of larger batches are stored packed (zstd, RFC 8878). Fifty disclosures, 57 kB together, take 7 kB,
-- where the database's own compression took 12, and more of its time. Small batches stay text, which needs no tool to
-- be read (docs/decisions/0008-payloads-packed.md).
-- Locks: ledger_payloads for an instant; nothing is rewritten, what is there stays as it is. The previous release
-- writes as before, but cannot read what this one packs: it would fail auditors' searches, leave tombstones out of the
-- changes feed, and call the ledger damaged.

alter table ledger_payloads add column packed bytea;
alter table ledger_payloads alter column packed set storage external;
alter table ledger_payloads alter column payloads drop not null;
-- not valid: what was there before has a text, and is not worth reading through
alter table ledger_payloads add constraint ledger_payloads_one_form check (num_nonnulls(payloads, packed) = 1) not valid;
