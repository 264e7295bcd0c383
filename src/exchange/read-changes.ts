/**
 * The changes feed: what an organisation may see now of the people whom it traced, where the ledger says that
 * something may have changed. The ledger is looked at without a lock, and where it holds nothing for the caller
 * nothing is locked or written. Otherwise each record is decided on under the lock, as for a pull, and the
 * reading leaves one entry.
 */

import { wasEverParty } from '../agreements/agreement-store.ts';
import { findLinks } from '../clients/link-store.ts';
import { formatContentDigest } from '../encoding/content-digest.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { authorisationLifeMs } from '../ledger/work.ts';
import { grows, ledgerSize, type Patience } from './await-growth.ts';
import { type RequestContext, roleOf } from './caller.ts';
import { insertShown, type RecordKey } from './change-store.ts';
import {
  type ChangesCursor,
  type ChangesQuestion,
  firstCursor,
  openCursor,
  sealCursor,
} from './changes-cursor.ts';
import { type Change, type ChangesReader, decideChanges, hadKey } from './decided-changes.ts';
import type { Exchange } from './exchange.ts';
import { findHad } from './find-had.ts';
import { performReading } from './perform-reading.ts';
import type { WriteScope } from './perform-write.ts';
import { findTouchedClients, type TouchedPage } from './touched-clients.ts';
import { withinLimits } from './within-limits.ts';

export interface ChangesRequest {
  context: RequestContext;
  purpose: string | undefined;
  /** `next` of the page before. */
  after: string | undefined;
  /** People on a page, at most. */
  limit: number;
  /** How long to wait for something to tell, and what ends the wait earlier. */
  wait: Patience | undefined;
}

export interface ChangesRead {
  body: { changes: readonly Change[]; next: string; more: boolean; ledgerIndex?: number };
  /** Where something was looked at under the lock: the entry, and until when it may be told. */
  entry?: { ledgerIndex: number; goodUntilMs: number };
}

const busy = 'Reading the changes took too long. Repeat this request.';

/** Throws NO_SHARING_AGREEMENT, CURSOR_INVALID, CURSOR_GONE, PURPOSE_NEEDED. */
export async function readChanges(
  exchange: Exchange,
  request: ChangesRequest,
): Promise<ChangesRead> {
  const { clock, macKey, feeds } = exchange;
  const { after, limit, wait } = request;
  const { odsCode: organisation } = request.context.caller;
  if (!(await withinLimits(wasEverParty(feeds.database, organisation), busy))) throw neverParty();
  const deadlineMs = clock.monotonicMs() + (wait?.ms ?? 0);
  let cursor: ChangesCursor | undefined;
  for (let look = 1; ; look += 1) {
    const head = await withinLimits(ledgerSize(feeds.database), busy);
    cursor ??=
      after === undefined
        ? firstCursor(head)
        : openCursor(macKey, questionOf(request), after, head);
    const wanted = { organisation, cursor, head, limit };
    const page = await withinLimits(findTouchedClients(feeds.database, wanted), busy);
    if (page.touched.length > 0) return decidePage(exchange, request, page, cursor);
    cursor = page.next;
    const leftMs = deadlineMs - clock.monotonicMs();
    const isWorthALook =
      wait && !page.more && (await grows(feeds.growth, head.size, { look, leftMs, ...wait }));
    if (isWorthALook) continue;
    const next = sealCursor(macKey, questionOf(request), cursor);
    return { body: { changes: [], next, more: page.more } };
  }
}

function questionOf({ context, purpose }: ChangesRequest): ChangesQuestion {
  return { organisation: context.caller.odsCode, purpose, role: roleOf(context.caller) };
}

/** Under the lock: the same people, decided on as they stand now. */
async function decidePage(
  exchange: Exchange,
  request: ChangesRequest,
  page: TouchedPage,
  from: ChangesCursor,
): Promise<ChangesRead> {
  const { macKey, schemas, feeds } = exchange;
  const { context, purpose } = request;
  const { odsCode: organisation } = context.caller;
  const clients = page.touched.map(({ client }) => client);
  // before the lock: who had something by an entry that is yet to come loses it by one that comes later still
  const found = await withinLimits(findHad(feeds.database, organisation, clients), busy);
  const had = new Set(found.map(hadKey));
  const next = sealCursor(macKey, questionOf(request), page.next);
  return performReading(exchange, {
    context,
    action: 'changes.read',
    event: { purpose: purpose ?? null },
    async authorise(scope) {
      if (scope.moment.log !== page.next.log) throw new GatewayError('CURSOR_GONE');
      if (!(await wasEverParty(scope.tx, organisation))) throw neverParty();
      const reader = { ...scope, context, purpose, macKey, schemas, had, at: scope.moment.at };
      return decideAll(exchange, scope, reader, page);
    },
    async effect({ tx, moment, event }, { changes, shown }, tell) {
      await insertShown(tx, organisation, shown);
      const { index: ledgerIndex, monotonicMs } = moment;
      const body = { changes, next, more: page.more, ledgerIndex };
      event.digest = formatContentDigest(JSON.stringify(body));
      event.particulars = { from: from.index, until: page.next.index, count: changes.length };
      tell({ body, entry: { ledgerIndex, goodUntilMs: monotonicMs + authorisationLifeMs } });
      return { receipt: { status: 200, body: {} } };
    },
  });
}

async function decideAll(
  { readDossiers }: Exchange,
  { tx, moment }: WriteScope,
  reader: ChangesReader,
  { touched }: TouchedPage,
): Promise<{ changes: readonly Change[]; shown: readonly RecordKey[] }> {
  const links = await findLinks(
    tx,
    touched.map(({ client }) => client),
  );
  const { byPerson } = await readDossiers(tx, moment.timeline, [...links.values()]);
  const changes: Change[] = [];
  const shown: RecordKey[] = [];
  for (const { client, index } of touched) {
    const link = links.get(client);
    const dossier = link && byPerson.get(link.personId);
    if (!dossier) continue;
    const ofClient = decideChanges(reader, link, dossier, index);
    changes.push(...ofClient);
    for (const change of ofClient) {
      if (change.state === 'current') shown.push({ ...change, personId: link.personId });
    }
  }
  return { changes, shown };
}

/** Who was a party once still reads: what it had is gone, and that it has to be told. */
function neverParty(): GatewayError {
  return new GatewayError('NO_SHARING_AGREEMENT', {
    detail: 'No sharing agreement lets your organisation pull records, or ever did.',
  });
}
