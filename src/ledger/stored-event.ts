/**
 * An event as the ledger holds it: what ledger-event.ts wrote, read back. Checked rather than believed,
 * because `jetway ledger verify` reads databases that somebody may have edited.
 */
import { actions, eventOutcomes, type LedgerEvent } from './ledger-event.ts';

export interface StoredEvent extends LedgerEvent {
  /** The leaf's id as a UUID. */
  id: string;
  /** RFC 3339, UTC, milliseconds. */
  at: string;
}

const nullableTexts = [
  'organisation',
  'system',
  'certificate',
  'user',
  'role',
  'purpose',
  'person',
  'recordType',
  'custodian',
  'request',
  'digest',
] as const;

/** Undefined for a payload that the ledger did not write. */
export function parseStoredEvent(payload: string): StoredEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(payload);
  } catch {
    return undefined;
  }
  return isStoredEvent(value) ? value : undefined;
}

function isStoredEvent(value: unknown): value is StoredEvent {
  if (typeof value !== 'object' || value === null) return false;
  const event = new Map<string, unknown>(Object.entries(value));
  const { at, id } = { at: event.get('at'), id: event.get('id') };
  const reasons = event.get('reasonCodes');
  return (
    typeof id === 'string' &&
    typeof at === 'string' &&
    !Number.isNaN(Date.parse(at)) &&
    actions.some((action) => action === event.get('action')) &&
    eventOutcomes.some((outcome) => outcome === event.get('outcome')) &&
    nullableTexts.every((name) => isNullableText(event.get(name))) &&
    Array.isArray(reasons) &&
    reasons.every((reason) => typeof reason === 'string') &&
    isNullableObject(event.get('decision')) &&
    isNullableObject(event.get('particulars'))
  );
}

function isNullableText(value: unknown): boolean {
  return value === null || typeof value === 'string';
}

function isNullableObject(value: unknown): boolean {
  return typeof value === 'object' && !Array.isArray(value);
}
