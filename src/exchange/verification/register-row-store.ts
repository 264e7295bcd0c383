/** The register and the sharing agreements as they are stored, in the words of the entries that wrote them. */
import type { Queryable } from '../../database/queryable.ts';
import { documentDigest } from '../../encoding/document-digest.ts';
import { type RegisterKind, type RegisterRow, registerKinds, rowKey } from './recorded-register.ts';

/** The first columns are the key, as many as `key` says. */
const queries: Readonly<Record<RegisterKind, { key: number; text: string }>> = {
  participant: {
    key: 1,
    text: `select ods_code, name, kind, status, added_at as "addedAt" from participants`,
  },
  certificate: {
    key: 1,
    text: `
select fingerprint256, ods_code as "odsCode", system, not_after as "notAfter", added_at as "addedAt",
  revoked_at as "revokedAt"
from participant_certificates`,
  },
  'assertion key': {
    key: 2,
    text: `
select ods_code, kid, algorithm, public_key as "publicKey", added_at as "addedAt"
from participant_assertion_keys`,
  },
  endpoint: {
    key: 1,
    text: `
select ods_code, url, record_types as "recordTypes", anchors, set_at as "setAt" from endpoints`,
  },
  agreement: {
    key: 2,
    text: `
select id, version, document as digest, applied_at as "appliedAt", ended_at as "endedAt"
from sharing_agreements`,
  },
};

export async function findRegisterRows(queryable: Queryable): Promise<readonly RegisterRow[]> {
  const found: RegisterRow[] = [];
  for (const kind of registerKinds) {
    const { key, text } = queries[kind];
    const { rows } = await queryable.query<Record<string, unknown>>(text);
    for (const row of rows) {
      const columns = Object.entries(row);
      found.push({
        kind,
        key: rowKey(columns.slice(0, key).map(([, value]) => value)),
        columns: Object.fromEntries(
          columns.slice(key).map(([name, value]) => [name, asRecorded(name, value)]),
        ),
      });
    }
  }
  return found;
}

/** What only PostgreSQL can hold is nothing that the gateway wrote, and equals nothing. */
function asRecorded(name: string, value: unknown): unknown {
  try {
    if (value instanceof Date) return value.toISOString();
    return name === 'digest' ? documentDigest(value) : value;
  } catch {
    return undefined;
  }
}
