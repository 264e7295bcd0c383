/** The play's last scene: an auditor finds what happened before, refusals among it, in the transfer log. */
import { setTimeout as delay } from 'node:timers/promises';
import type { PartnerClient, Reply } from '../partner/partner-client.ts';
import { listOf, memberOf, textOf } from '../partner/reply-members.ts';
import type { Stage } from './play-steps.ts';

/** Refusals at the door are written a second late, so that strangers cannot take places from disclosures. */
const attempts = 20;
const pauseMs = 250;
/** More than a play leaves. */
const path = '/v1/audit/events?limit=150';

export async function playAudit(stage: Stage, client: PartnerClient, who: string): Promise<void> {
  const first = Math.min(...stage.ledgerIndexes);
  const wanted = [...stage.ledgerIndexes];
  let reply = await client.get(path);
  for (let i = 1; i < attempts && !isWhole(reply, first, wanted); i += 1) {
    await delay(pauseMs);
    reply = await client.get(path);
  }
  const found = eventsSince(reply, first);
  const isFound = isWhole(reply, first, wanted);
  await stage.step({ who, does: 'reads the audit trail', status: 200 }, async () =>
    isFound ? reply : { ...reply, status: 0 },
  );
  for (const line of linesOf(found)) stage.remark(line);
}

/** Oldest first, without those of the auditor's own reading. */
function eventsSince(reply: Reply, first: number): readonly unknown[] {
  return listOf(reply.body, 'events')
    .filter((event) => indexOf(event) >= first && textOf(event, 'action') !== 'audit.read')
    .toSorted((a, b) => indexOf(a) - indexOf(b));
}

function isWhole(reply: Reply, first: number, wanted: readonly number[]): boolean {
  const events = eventsSince(reply, first);
  const indexes = new Set(events.map(indexOf));
  return (
    wanted.every((index) => indexes.has(index)) &&
    events.some((event) => textOf(event, 'action') === 'door.refused')
  );
}

function indexOf(event: unknown): number {
  return Number(memberOf(event, 'index'));
}

/** One for all that came to the same, in the order of the first of each. */
function linesOf(events: readonly unknown[]): readonly string[] {
  const indexes = new Map<string, number[]>();
  for (const event of events) {
    const fields = [
      textOf(event, 'action').padEnd(19),
      textOf(event, 'outcome').padEnd(9),
      listOf(event, 'reasonCodes').join(' ').padEnd(22),
    ];
    const what = fields.join('  ');
    indexes.set(what, [...(indexes.get(what) ?? []), indexOf(event)]);
  }
  return [...indexes].map(([what, of]) => `${what}  ${of.join(' ')}`);
}
