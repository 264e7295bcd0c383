/**
 * Pulling: the hot path. The pulls of one ledger transaction are read together, considered one by one,
 * and each leaves one entry, before anything of it leaves the gateway.
 */
import type { ClientLink } from '../clients/link-store.ts';
import type { Queryable } from '../database/queryable.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { type LedgerEvent, ledgerEvent } from '../ledger/ledger-event.ts';
import { authorisationLifeMs, type Moment, type Outcome, refusal } from '../ledger/work.ts';
import { useAssertions } from '../participants/used-assertion-store.ts';
import { actorOf } from './caller.ts';
import { type ConsideredPull, considerPull, type PullSubject } from './considered-pull.ts';
import { decidedEvent } from './decided-event.ts';
import type { DossiersRead } from './dossier.ts';
import type { Exchange } from './exchange.ts';
import { notFound, ownLink } from './own-client.ts';
import { admitted, replayedAssertion } from './perform-write.ts';
import type { PullRequest } from './pull-request.ts';
import { releaseOwnRecord, releaseRecord } from './released-record.ts';
import { restsOn } from './rests-on.ts';
import type { Standing } from './standing.ts';
import { recordUndelivered } from './undelivered.ts';

export interface Pulled {
  /** JSON text; undefined where the recipient holds it already (304). */
  body: string | undefined;
  etag: string;
  ledgerIndex: number;
  /** Monotonic clock: after this the authorisation is dead and nothing may leave on it. */
  goodUntilMs: number;
  /** What the ledger says of it: for the second entry where the answer does not leave. */
  event: LedgerEvent;
}

interface Read {
  standing: Standing;
  links: ReadonlyMap<string, ClientLink>;
  dossiers: DossiersRead;
  /** Requests whose user assertion was used before. */
  replayed: ReadonlySet<PullRequest>;
}

/** A node that was frozen for longer than an authorisation lives decides anew, this often at the most. */
const attempts = 3;

export function recordPuller(exchange: Exchange): (request: PullRequest) => Promise<Pulled> {
  const pull = exchange.ledger.batch<PullRequest, Pulled>(
    async (tx, moment, requests) => {
      const read = await readFor(exchange, tx, moment, requests);
      return requests.map((request) => {
        const { events, answer } = outcomeOf(exchange, request, read, moment);
        return {
          events,
          answer(firstIndex) {
            read.dossiers.keep();
            return answer(firstIndex);
          },
        };
      });
    },
    { partyOf: ({ context }) => context.caller.odsCode },
  );
  return async (request) => {
    for (let attempt = 1; ; attempt += 1) {
      const pulled = await pull(attempt === 1 ? request : withoutAssertionUse(request));
      if (exchange.clock.monotonicMs() < pulled.goodUntilMs) return pulled;
      await recordUndelivered(exchange, pulled);
      if (attempt === attempts) throw new GatewayError('TOO_BUSY', { retryAfterSeconds: 5 });
    }
  };
}

/** Requests that are decided anew have used their assertion up already. */
const assertionUsed = new WeakSet<PullRequest>();

function withoutAssertionUse(request: PullRequest): PullRequest {
  assertionUsed.add(request);
  return request;
}

async function readFor(
  exchange: Exchange,
  tx: Queryable,
  moment: Moment,
  requests: readonly PullRequest[],
): Promise<Read> {
  const [standing, links, replayed] = await Promise.all([
    exchange.readStanding(tx, moment),
    exchange.readLinks(
      tx,
      moment,
      requests.map(({ client }) => client),
    ),
    useUp(tx, requests),
  ]);
  const dossiers = await exchange.readDossiers(tx, moment.timeline, [...links.values()]);
  return { standing, links, dossiers, replayed };
}

async function useUp(
  tx: Queryable,
  requests: readonly PullRequest[],
): Promise<ReadonlySet<PullRequest>> {
  const uses = requests.flatMap((request) => {
    const { assertion, odsCode } = request.context.caller;
    return assertion && !assertionUsed.has(request) ? [{ request, odsCode, assertion }] : [];
  });
  if (uses.length === 0) return new Set();
  const fresh = await useAssertions(tx, uses);
  return new Set(uses.flatMap(({ request }, i) => (fresh[i] ? [] : [request])));
}

/** A fault of ours in one request refuses that one. */
function outcomeOf(
  exchange: Exchange,
  request: PullRequest,
  read: Read,
  moment: Moment,
): Outcome<Pulled> {
  const event: Partial<LedgerEvent> = {
    ...actorOf(request.context.caller),
    request: request.context.requestId,
    recordType: request.recordType,
    purpose: request.purpose ?? null,
    custodian: request.custodian ?? null,
  };
  try {
    const subject = subjectOf(exchange, request, read, moment);
    event.person = subject.link.personId;
    return released(exchange, request, subject, considerPull(request, subject), moment, event);
  } catch (cause) {
    const error =
      cause instanceof GatewayError ? cause : new GatewayError('INTERNAL_ERROR', { cause });
    return refused(event, error);
  }
}

function subjectOf(
  exchange: Exchange,
  request: PullRequest,
  { standing, links, dossiers, replayed }: Read,
  { at }: Moment,
): PullSubject {
  const { context, client, recordType } = request;
  const participant = admitted(standing, context);
  if (replayed.has(request)) throw replayedAssertion();
  const link = ownLink(links.get(client), context);
  const dossier = link && dossiers.byPerson.get(link.personId);
  if (!dossier) throw notFound('CLIENT_UNKNOWN');
  return { standing, participant, link, dossier, schema: exchange.schemas.get(recordType), at };
}

function released(
  { macKey }: Exchange,
  request: PullRequest,
  subject: PullSubject,
  pull: ConsideredPull,
  moment: Moment,
  event: Partial<LedgerEvent>,
): Outcome<Pulled> {
  if (pull.kind === 'refused') {
    return refused(
      { ...event, ...(pull.decided && decidedEvent(pull.decided, subject)) },
      pull.error,
    );
  }
  const { record } = pull;
  const { body, etag, digest } =
    pull.kind === 'own'
      ? releaseOwnRecord(macKey, request, subject, record)
      : releaseRecord(macKey, request, subject, record, pull.decided);
  const isHeld = request.ifNoneMatch.some((tag) => tag === '*' || tag === etag);
  const permitted = ledgerEvent({
    ...event,
    action: 'record.disclosed',
    outcome: 'permitted',
    custodian: record.custodian,
    digest: isHeld ? null : digest,
    ...(pull.kind === 'granted'
      ? decidedEvent(pull.decided, subject)
      : { reasonCodes: ['OWN_RECORD'], decision: { restsOn: restsOn(subject) } }),
    particulars: { notModified: isHeld, schema: record.schema, version: record.version },
  });
  return {
    events: [permitted],
    answer: (ledgerIndex) => ({
      body: isHeld ? undefined : body,
      etag,
      ledgerIndex,
      event: permitted,
      goodUntilMs: moment.monotonicMs + authorisationLifeMs,
    }),
  };
}

/** The reason is the refusal's own: a permit comes to nothing where there is no record. */
function refused(event: Partial<LedgerEvent>, error: GatewayError): Outcome<Pulled> {
  const { reasonCodes } = error;
  return refusal(
    ledgerEvent({ ...event, action: 'record.disclosed', outcome: 'refused', reasonCodes }),
    error,
  );
}
