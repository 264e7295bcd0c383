/**
 * Where a consumer of the changes feed stands: everything below an index of one log is accounted for, but,
 * while everybody is being listed, for the clients who are yet to come. Authentic, and good for one question.
 */
import { openToken, sealToken } from '../encoding/opaque-token.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import type { LedgerSize } from '../ledger/ledger-growth.ts';

export interface ChangesCursor {
  log: number;
  index: number;
  /** Everybody is being listed: the last client who was. Empty before the first. */
  listedTo: string | undefined;
}

/**
 * Who asks, for which purpose and in which role: another question has another answer, and would pass over what it was
 * never told.
 */
export interface ChangesQuestion {
  organisation: string;
  purpose: string | undefined;
  role: string;
}

const tokenPurpose = ({ organisation, purpose, role }: ChangesQuestion) =>
  `changes ${organisation} ${purpose ?? ''} ${role}`;

export function sealCursor(
  macKey: Buffer,
  question: ChangesQuestion,
  cursor: ChangesCursor,
): string {
  const { log, index, listedTo } = cursor;
  const position = listedTo === undefined ? [log, index] : [log, index, listedTo];
  return sealToken(macKey, tokenPurpose(question), position.join(' '));
}

/** Throws CURSOR_INVALID, and CURSOR_GONE for one of another log. */
export function openCursor(
  macKey: Buffer,
  question: ChangesQuestion,
  token: string,
  head: LedgerSize,
): ChangesCursor {
  const [log, index, listedTo] = openToken(macKey, tokenPurpose(question), token).split(' ');
  const cursor = { log: Number(log), index: Number(index), listedTo };
  if (cursor.log !== head.log || cursor.index > head.size) throw new GatewayError('CURSOR_GONE');
  return cursor;
}

/** A consumer that has nothing yet: everybody is listed, and what happens meanwhile comes afterwards. */
export function firstCursor({ log, size }: LedgerSize): ChangesCursor {
  return { log, index: size, listedTo: '' };
}
