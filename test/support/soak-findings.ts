/** What a run under kills came to, held against the ledger: each list is empty where a promise was kept. */
import type { Database } from '../../src/database/database.ts';
import { authorisationLifeMs } from '../../src/ledger/work.ts';
import { storedEvents } from './ledger-lines.ts';
import type { SoakReport } from './relay-under-kills.ts';

export interface SoakFindings {
  figures: {
    items: number;
    deliveries: number;
    attempts: number;
    /** Authorised, and nobody lived to say what came of it. */
    withoutOutcome: number;
    /** Authorised by a node that was frozen until that was over, and so not sent. */
    expiredWhileFrozen: number;
    reports: number;
    nodeKills: number;
    databaseKills: number;
    freezes: number;
    withdrawals: number;
    requestsRepeated: number;
    seconds: number;
  };
  /** Acknowledged, and neither taken exactly once by its recipient nor reported exactly once. */
  lost: readonly string[];
  /** Deliveries that nobody was told of. */
  unacknowledged: readonly string[];
  /** Taken after something newer of the same person. */
  outOfOrder: readonly string[];
  /** Arrived on an authorisation that was dead. */
  late: readonly string[];
  /** Authorised behind the withdrawal of the person's consent. */
  afterWithdrawal: readonly string[];
  /** Attempts without an outcome that no kill explains. */
  unexplained: readonly string[];
}

interface Event {
  index: number;
  action: string;
  outcome: string;
  at: number;
  person: string | null;
  delivery: string;
  attempt: number;
  reasonCodes: readonly string[];
}

/** An attempt that a kill cut off was authorised at most so long before it. */
const longestAttemptMs = 30_000;

export async function findingsOf(report: SoakReport, database: Database): Promise<SoakFindings> {
  const { accepted, endpoints, arrivals, withdrawals, killedAt } = report;
  const events = await eventsOf(database);
  const { rows } = await database.query<{ id: string; state: string; reports: number }>(`
select d.id, d.state, coalesce(r.count, 0) as reports from deliveries d
left join (select about, count(*)::int from deliveries where kind = 'report' group by about) r on r.about = d.id
where d.kind in ('record', 'message')`);
  const known = new Map(rows.map((row) => [row.id, row]));
  const acknowledged = accepted.flatMap(({ deliveries }) => [...deliveries]);
  const ids = new Set(acknowledged.map(([, id]) => id));
  const taken = new Map<string, number>();
  for (const { received } of endpoints.values()) {
    for (const { delivery, status } of received) {
      if (status === 'received') taken.set(delivery, (taken.get(delivery) ?? 0) + 1);
    }
  }
  const permitted = events.filter(
    (e) => e.action === 'delivery.authorised' && e.outcome === 'permitted',
  );
  const authorised = new Map(permitted.map((event) => [event.index, event]));
  const settled = new Set(
    events.filter((e) => e.action === 'delivery.settled').map((e) => `${e.delivery} ${e.attempt}`),
  );
  const expired = events.filter((e) => e.reasonCodes.includes('AUTHORISATION_EXPIRED'));
  const open = permitted.filter((e) => !settled.has(`${e.delivery} ${e.attempt}`));
  const withdrawnAt = new Map(
    events.flatMap((e) => (withdrawals.includes(e.index) ? [[e.person, e.index] as const] : [])),
  );
  return {
    figures: {
      ...{ items: accepted.length, deliveries: acknowledged.length, attempts: permitted.length },
      ...{ withoutOutcome: open.length, expiredWhileFrozen: expired.length },
      ...{ reports: rows.reduce((sum, row) => sum + row.reports, 0) },
      ...{ nodeKills: killedAt.length, databaseKills: report.databaseKills },
      ...{ freezes: report.freezes, withdrawals: withdrawals.length },
      ...{ requestsRepeated: report.repeated, seconds: Math.round(report.elapsedMs / 1000) },
    },
    lost: [...ids].filter((id) => {
      const { state, reports } = known.get(id) ?? { state: 'lost', reports: 0 };
      // an attempt whose outcome nobody learnt may have arrived before the rest was refused
      if (state === 'delivered') return taken.get(id) !== 1 || reports !== 0;
      return reports !== 1 || (taken.get(id) ?? 0) > 1;
    }),
    unacknowledged: rows.map(({ id }) => id).filter((id) => !ids.has(id)),
    outOfOrder: [...endpoints.values()].flatMap(({ received }) =>
      received.filter(({ status }) => status === 'outdated').map(({ delivery }) => delivery),
    ),
    late: arrivals.flatMap(({ delivery, ledgerIndex, at }) => {
      const event = authorised.get(ledgerIndex ?? -1);
      const isLate = !event || at - event.at > authorisationLifeMs + 1_000;
      return event?.delivery === delivery && !isLate ? [] : [delivery];
    }),
    afterWithdrawal: permitted.flatMap(({ person, index, delivery }) =>
      index > (withdrawnAt.get(person) ?? Number.POSITIVE_INFINITY) && ids.has(delivery)
        ? [delivery]
        : [],
    ),
    unexplained: open
      .filter(({ at }) => !killedAt.some((kill) => at <= kill && kill - at < longestAttemptMs))
      .map(({ delivery }) => delivery),
  };
}

async function eventsOf(database: Database): Promise<readonly Event[]> {
  const stored = await storedEvents(database);
  return stored.map(({ index, event }) => {
    const { action, outcome, at, person, particulars, reasonCodes } = event;
    return {
      ...{ index, action, outcome, at: Date.parse(at), person, reasonCodes },
      delivery: String(particulars?.['delivery'] ?? ''),
      attempt: Number(particulars?.['attempt'] ?? 0),
    };
  });
}
