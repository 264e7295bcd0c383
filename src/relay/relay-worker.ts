/**
 * The worker of one node: finds what is due, opens connections, has the ledger authorise as much as there are
 * connections free, sends, and settles. Any number of nodes may run one: the ledger gives each delivery to one of
 * them at a time, and whose node dies in between, the others take over. Nothing is remembered
 * here that must not be lost.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type Clock, elapsedMs } from '../clock.ts';
import type { Queryable } from '../database/queryable.ts';
import { type DueCount, findDueRecipients } from '../deliveries/due-store.ts';
import type { Authorised, AuthorisedDelivery, Slots } from '../exchange/authorise-deliveries.ts';
import type { Settlement } from '../exchange/settle-deliveries.ts';
import { type Endpoint, isSameEndpoint } from '../participants/endpoint.ts';
import type { Register } from '../participants/register.ts';
import type { Meaning } from './answer-meaning.ts';
import { Company } from './company.ts';
import type { ConnectFailure } from './delivery-failure.ts';
import type { EndpointConnection, Opened } from './endpoint-connection.ts';
import { EndpointLanes } from './endpoint-lanes.ts';
import { Rouser } from './rouser.ts';

export type RelayObservation =
  /** What came of one attempt: `delivered`, or a code. */
  | { kind: 'delivery.attempted'; organisation: string; outcome: string; durationMs: number }
  | { kind: 'endpoint.failed'; organisation: string; code: ConnectFailure }
  | { kind: 'relay.failed'; error: unknown };

export interface RelayWorkerOptions {
  database: Queryable;
  /** As the node knows it; undefined where it cannot be trusted: then nothing is begun. */
  register(): Register | undefined;
  open(endpoint: Endpoint): Promise<Opened>;
  authorise(slots: Slots): Promise<Authorised>;
  /** Sends it over a connection that is free. Rejects only for a fault of ours. */
  push(
    connection: EndpointConnection,
    authorised: AuthorisedDelivery,
    endpoint: Endpoint,
  ): Promise<Meaning>;
  settle(settlement: Settlement): Promise<void>;
  connectionsPerEndpoint: number;
  clock: Clock;
  /** Must not throw. */
  observe(observation: RelayObservation): void;
}

/** Authorised in one transaction, at most: the ledger's lock is held for so long. */
const maxTaken = 64;
/** How long nobody is woken by what other nodes wrote, or by a wait that is over. */
const pollMs = 1_000;
const failurePauseMs = 500;
/**
 * Where more is due than there are connections, so long for several of them to come free: a transaction costs about
 * the same for one delivery as for thirty. Where it is not, nothing waits.
 */
const lingerMs = 8;
/** What is under way when the node stops may take so long. */
const drainMs = 10_000;

export class RelayWorker {
  readonly #options: RelayWorkerOptions;
  readonly #lanes = new Map<string, EndpointLanes>();
  readonly #underWay = new Set<Promise<void>>();
  readonly #rouser = new Rouser();
  readonly #company = new Company();
  /** Recipients for whom there was more than could be taken. */
  #unfinished: readonly string[] = [];
  /** Recipients for whom something is due, as of the last look. */
  #due: ReadonlySet<string> = new Set();
  #turn = 0;
  #running: Promise<void> | undefined;
  #isStopped = false;

  constructor(options: RelayWorkerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Something may be due: look at once. */
  wake(): void {
    this.#rouser.rouse();
  }

  /** Begins nothing more, and lets what is under way finish, for a while. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.wake();
    await this.#running;
    const closing = setTimeout(() => this.#closeLanes(), drainMs);
    await Promise.all(this.#underWay);
    clearTimeout(closing);
    this.#closeLanes();
  }

  /** One look at what is due. Answers whether there may be more to do at once. */
  async round(): Promise<boolean> {
    const register = this.#options.register();
    if (!register) return false;
    this.#follow(register);
    await this.#prepare();
    const reserved = this.#reserve();
    // in the transaction of what is authorised next
    this.#company.rouse();
    if (reserved.size === 0) return false;
    try {
      const slots = new Map(
        [...reserved].map(([{ endpoint }, { length: free }]) => [
          endpoint.odsCode,
          { endpoint, free },
        ]),
      );
      const { deliveries, unfinished } = await this.#options.authorise(slots);
      for (const [lanes, connections] of reserved) {
        const { odsCode } = lanes.endpoint;
        for (const authorised of deliveries) {
          const connection =
            authorised.delivery.recipient === odsCode ? connections.shift() : undefined;
          if (connection) this.#begin(lanes, connection, authorised);
        }
      }
      this.#unfinished = unfinished;
      return unfinished.length > 0;
    } finally {
      for (const [lanes, left] of reserved) for (const one of left) lanes.giveBack(one);
    }
  }

  /** Resolves once what was begun has ended: false where there was nothing. */
  async settled(): Promise<boolean> {
    const opening = [...this.#lanes.values()].flatMap((lanes) => lanes.opening);
    const begun = [...opening, ...this.#underWay];
    await Promise.all(begun);
    return begun.length > 0;
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      try {
        if (!(await this.round())) await this.#rouser.wait(pollMs);
      } catch (error) {
        this.#options.observe({ kind: 'relay.failed', error });
        // whatever wakes it: a ledger in trouble is not asked at once
        await pause(failurePauseMs);
      }
      if (this.#unfinished.length > 0 && !this.#isStopped) await pause(lingerMs);
    }
  }

  /** Lanes for the endpoints of who takes part; an endpoint that was set anew has new ones. */
  #follow({ participants, endpoints }: Register): void {
    const isActive = (odsCode: string) => participants.get(odsCode)?.status === 'active';
    for (const [odsCode, lanes] of this.#lanes) {
      const endpoint = isActive(odsCode) ? endpoints.get(odsCode) : undefined;
      if (endpoint && isSameEndpoint(endpoint, lanes.endpoint)) continue;
      lanes.close();
      this.#lanes.delete(odsCode);
    }
    const { open, connectionsPerEndpoint: maxConnections, clock, observe } = this.#options;
    for (const [organisation, endpoint] of endpoints) {
      if (this.#lanes.has(organisation) || !isActive(organisation)) continue;
      const lanes = new EndpointLanes({
        ...{ endpoint, open, maxConnections, clock },
        onFree: () => this.wake(),
        onFailed: (code) => observe({ kind: 'endpoint.failed', organisation, code }),
        onFault: (error) => observe({ kind: 'relay.failed', error }),
      });
      this.#lanes.set(organisation, lanes);
    }
  }

  async #prepare(): Promise<void> {
    const { database, clock, connectionsPerEndpoint } = this.#options;
    const open = [...this.#lanes].filter(([, { room }]) => room > 0).map(([odsCode]) => odsCode);
    if (open.length === 0) return;
    const known = open.filter((odsCode) => this.#unfinished.includes(odsCode));
    const asked = open.filter((odsCode) => !known.includes(odsCode));
    const due: readonly DueCount[] =
      asked.length === 0
        ? []
        : await findDueRecipients(database, asked, clock.now(), connectionsPerEndpoint);
    for (const odsCode of known) this.#lanes.get(odsCode)?.prepare(connectionsPerEndpoint);
    for (const { recipient, count } of due) this.#lanes.get(recipient)?.prepare(count);
    this.#due = new Set([...known, ...due.map(({ recipient }) => recipient)]);
  }

  /** Everybody's share of what one transaction takes; where not all get one, others are first the next time. */
  #reserve(): Map<EndpointLanes, EndpointConnection[]> {
    const due = [...this.#due];
    const first = due.length > 0 ? this.#turn % due.length : 0;
    this.#turn += maxTaken;
    const share = Math.max(1, Math.floor(maxTaken / Math.max(1, due.length)));
    const reserved = new Map<EndpointLanes, EndpointConnection[]>();
    let left = maxTaken;
    for (const odsCode of [...due.slice(first), ...due.slice(0, first)]) {
      const lanes = this.#lanes.get(odsCode);
      const free = lanes?.reserve(Math.min(share, left)) ?? [];
      if (lanes && free.length > 0) reserved.set(lanes, free);
      left -= free.length;
    }
    return reserved;
  }

  #begin(
    lanes: EndpointLanes,
    connection: EndpointConnection,
    authorised: AuthorisedDelivery,
  ): void {
    const underWay = this.#deliver(lanes, connection, authorised).finally(() => {
      this.#underWay.delete(underWay);
    });
    this.#underWay.add(underWay);
  }

  async #deliver(
    lanes: EndpointLanes,
    connection: EndpointConnection,
    authorised: AuthorisedDelivery,
  ): Promise<void> {
    const { push, clock, observe } = this.#options;
    const { delivery, ledgerIndex } = authorised;
    const startedMs = clock.monotonicMs();
    const meaning = await push(connection, authorised, lanes.endpoint).catch((error: unknown) => {
      observe({ kind: 'relay.failed', error });
      return faulty;
    });
    lanes.release(connection, blameOf(meaning));
    observe({
      kind: 'delivery.attempted',
      organisation: delivery.recipient,
      outcome: meaning.kind === 'delivered' ? 'delivered' : meaning.code,
      durationMs: elapsedMs(clock, startedMs),
    });
    this.wake();
    await this.#company.wait(lingerMs);
    await this.#settle({
      ...{ deliveryId: delivery.id, attempt: delivery.attempt, authorisedIndex: ledgerIndex },
      outcome: outcomeOf(meaning),
    });
    // the next of this person may be due now
    this.wake();
  }

  /** Until it is written down. A node that stops gives up: the attempt's lease ends, and another takes over. */
  async #settle(settlement: Settlement): Promise<void> {
    for (;;) {
      try {
        return await this.#options.settle(settlement);
      } catch (error) {
        this.#options.observe({ kind: 'relay.failed', error });
        if (this.#isStopped) return;
        await pause(failurePauseMs);
      }
    }
  }

  #closeLanes(): void {
    for (const lanes of this.#lanes.values()) lanes.close();
  }
}

type Attempted = Meaning | typeof faulty;

/** A fault of ours in one delivery: that one is put off. */
const faulty = { kind: 'retry', code: 'INTERNAL_ERROR', afterMs: 60_000 } as const;
const ours: ReadonlySet<string> = new Set(['AUTHORISATION_EXPIRED', faulty.code]);

/** Whether the endpoint is to blame: one that says no to a delivery is there and works. */
function blameOf(meaning: Attempted): 'well' | 'failed' | 'neither' {
  if (meaning.kind !== 'retry') return 'well';
  return ours.has(meaning.code) ? 'neither' : 'failed';
}

function outcomeOf(meaning: Attempted): Settlement['outcome'] {
  if (meaning.kind !== 'retry') return meaning;
  const { code, afterMs } = meaning;
  return { kind: 'failed', code, ...(afterMs !== undefined && { afterMs }) };
}
