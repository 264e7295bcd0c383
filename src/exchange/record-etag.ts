/** The entity tag by which a publisher names a version of its own record. */
import { keyedDigest } from '../encoding/opaque-token.ts';
import type { RecordVersion } from '../records/record-store.ts';

/** Opaque: tells its publisher nothing but which version it was. */
export function recordEtag(macKey: Buffer, record: RecordVersion): string {
  const { personId, recordType, custodian, version } = record;
  return `"${keyedDigest(macKey, 'record', personId, recordType, custodian, String(version))}"`;
}
