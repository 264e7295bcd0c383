/**
 * What the changes feed says of one client: each record of others as a pull would find it at this moment. Pure.
 * `gone` has one form for every cause, and goes only to those who had the record, so that it tells nobody of a
 * record that they never saw. Where the trace is stale, all that is said is to trace again, whether there are
 * records or not.
 */
import { agreementsThatLet } from '../agreements/coverage.ts';
import type { ClientLink } from '../clients/link-store.ts';
import type { Participant } from '../participants/register.ts';
import type { SchemaRegistry } from '../records/schema-registry.ts';
import { type RequestContext, roleOf } from './caller.ts';
import type { RecordKey } from './change-store.ts';
import { considerPull } from './considered-pull.ts';
import type { Dossier } from './dossier.ts';
import { releaseRecord } from './released-record.ts';
import type { Standing } from './standing.ts';

/** As the partner reads it. */
export type Change = RecordChange | { client: string; state: 'retrace'; ledgerIndex: number };

export interface RecordChange {
  client: string;
  recordType: string;
  custodian: string;
  state: 'current' | 'gone';
  /** What a pull by the same caller answers with now; null where it is gone. */
  etag: string | null;
  /** The newest entry that the page tells of. */
  ledgerIndex: number;
}

/** Who reads, and all that was read under the lock for everybody. */
export interface ChangesReader {
  context: RequestContext;
  purpose: string | undefined;
  macKey: Buffer;
  schemas: SchemaRegistry;
  standing: Standing;
  participant: Participant;
  at: number;
  /** Keys of the records that the organisation ever had (`hadKey`). */
  had: ReadonlySet<string>;
}

export function hadKey({ personId, recordType, custodian }: RecordKey): string {
  return `${personId} ${recordType} ${custodian}`;
}

/** Throws PURPOSE_NEEDED: no answer would be right where the question is not whole. */
export function decideChanges(
  reader: ChangesReader,
  link: ClientLink,
  dossier: Dossier,
  ledgerIndex: number,
): readonly Change[] {
  const { client } = link;
  const stale = staleness(reader, link);
  const retrace: Change[] = stale === 'none' ? [] : [{ client, state: 'retrace', ledgerIndex }];
  if (stale === 'all') return retrace;
  const records = dossier.records
    .filter(({ custodian }) => custodian !== reader.participant.odsCode)
    .flatMap((record) => {
      const state = stateOf(reader, link, dossier, record);
      if (!state) return [];
      const { recordType, custodian } = record;
      return [{ client, recordType, custodian, ...state, ledgerIndex }];
    });
  return [...records, ...retrace];
}

/** Of the agreements that let the caller pull in its role: under which of them its trace is too old. */
function staleness(
  { standing, participant, context, at }: ChangesReader,
  { tracedAt }: ClientLink,
): 'all' | 'some' | 'none' {
  const request = { organisation: participant.odsCode, activity: 'pull' } as const;
  const agreements = agreementsThatLet(standing.agreements, request, at).filter(({ roles }) =>
    roles.has(roleOf(context.caller)),
  );
  const stale = agreements.filter(
    ({ traceFreshnessMs }) => tracedAt === null || tracedAt + traceFreshnessMs <= at,
  );
  if (stale.length === 0) return 'none';
  return stale.length === agreements.length ? 'all' : 'some';
}

function stateOf(
  reader: ChangesReader,
  link: ClientLink,
  dossier: Dossier,
  { recordType, custodian }: Dossier['records'][number],
): Pick<RecordChange, 'state' | 'etag'> | undefined {
  const { context, purpose, standing, participant, at } = reader;
  const schema = reader.schemas.find(recordType);
  if (!schema) return undefined;
  const request = {
    ...{ context, client: link.client, recordType, custodian, purpose },
    ...{ sections: undefined, ifNoneMatch: [] },
  };
  const subject = { standing, participant, link, dossier, schema, at };
  const pull = considerPull(request, subject);
  if (pull.kind === 'granted') {
    const { etag } = releaseRecord(reader.macKey, request, subject, pull.record, pull.decided);
    return { state: 'current', etag };
  }
  if (pull.kind === 'own') return undefined;
  const { code } = pull.error;
  if (code === 'PURPOSE_NEEDED') throw pull.error;
  if (code === 'TRACE_STALE') return undefined;
  const wasHad = reader.had.has(hadKey({ personId: link.personId, recordType, custodian }));
  return wasHad ? { state: 'gone', etag: null } : undefined;
}
