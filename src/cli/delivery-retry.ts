/** `jetway delivery retry`: delivers again what ended undelivered; or tells what that would come to. */
import { systemClock } from '../clock.ts';
import type { Config } from '../config/load-config.ts';
import type { Database } from '../database/database.ts';
import { openDedicatedConnection } from '../database/dedicated-connection.ts';
import type { Queryable } from '../database/queryable.ts';
import type { Delivery } from '../deliveries/delivery.ts';
import { hasFailed } from '../deliveries/delivery-state.ts';
import { findDeliveries } from '../deliveries/due-store.ts';
import { searchDeliveries } from '../deliveries/tracking-store.ts';
import { dossierReader } from '../exchange/dossier.ts';
import {
  type RerunExchange,
  type RerunTrial,
  rerunByOperator,
  tryRerun,
} from '../exchange/rerun-delivery.ts';
import { standingReader } from '../exchange/standing.ts';
import { getHead } from '../ledger/ledger-store.ts';
import { loadSchemas, reportResult, withDatabase, withLedger } from './administration.ts';
import { parseOptions, UsageError } from './arguments.ts';
import type { Command, CommandIo } from './command.ts';
import {
  deliveryLine,
  noSuchDelivery,
  readSelection,
  type Selection,
  selectionOptions,
  selectionUsage,
} from './delivery-selection.ts';

const dayMs = 86_400_000;
/** It locks nothing, so it may take its time. */
const trialMs = 60_000;
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

type Choice = { id: string } | Selection;

export const deliveryRetryCommand: Command = {
  name: 'delivery retry',
  summary: 'deliver again what was refused, rejected or expired',
  usage: `jetway delivery retry (--id UUID | --state STATE [--sender CODE] [--recipient CODE] [--type TYPE])
    [--limit N] [--dry-run]

Each becomes a delivery of its own, behind what came after it, and is decided anew: a record in the version that
counts now. Needs an id, or a state: refused, rejected or expired.

  --id UUID          one delivery
  --state STATE      refused, rejected or expired
${selectionUsage}
  --dry-run          change and record nothing: tell what each would come to at this moment

Exit code: 0 done, or all would be delivered; 1 some were or would be refused; 2 the arguments cannot be used.`,
  async run(args, io) {
    const {
      id,
      'dry-run': isDry,
      ...options
    } = parseOptions(args, {
      ...selectionOptions,
      id: { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
    });
    const choice = choiceOf(id, readSelection(options));
    return isDry ? tryAll(choice, io) : rerunAll(choice, io);
  },
};

function choiceOf(id: string | undefined, selection: Selection): Choice {
  if (id !== undefined) {
    if (!uuid.test(id)) throw new UsageError('--id must be a UUID');
    return { id: id.toLowerCase() };
  }
  const { state } = selection.filter;
  if (state === undefined || !hasFailed({ state })) {
    throw new UsageError('give --id, or --state refused, rejected or expired');
  }
  return selection;
}

async function chosen(database: Database, choice: Choice): Promise<readonly Delivery[]> {
  if ('id' in choice) return [...(await findDeliveries(database, [choice.id])).values()];
  return searchDeliveries(database, choice.filter, { limit: choice.limit });
}

async function rerunAll(choice: Choice, io: CommandIo): Promise<number> {
  return withDatabase(io.env, async (_, config) =>
    withLedger(io.env, async ({ ledger, database, operator }) => {
      const exchange = { ...reading(config), ledger };
      let worst = 0;
      const deliveries = await chosen(database, choice);
      // the oldest first, so that they go out in the order in which they came
      for (const { id } of deliveries.toReversed()) {
        const result = await rerunByOperator(exchange, id, operator);
        worst = Math.max(worst, reportResult(result, `delivery ${id}`, io));
      }
      if (deliveries.length > 0) return worst;
      io.err(noSuchDelivery);
      return 1;
    }),
  );
}

/** In a transaction that is never kept. */
async function tryAll(choice: Choice, io: CommandIo): Promise<number> {
  return withDatabase(io.env, async (database, config) => {
    const exchange = reading(config);
    const { url } = config.database;
    const limits = { serverTimeoutMs: trialMs, deadlineMs: trialMs };
    const connection = openDedicatedConnection({ url, applicationName: 'jetway trial', ...limits });
    try {
      const deliveries = await chosen(database, choice);
      const { value: trials } = await connection.exchange(async (tx) => {
        await tx.query('begin');
        const found = await tryEach(exchange, tx, deliveries);
        await tx.query('rollback');
        return found;
      });
      for (const { delivery, refusal } of trials) {
        const outcome = refusal === undefined ? 'would be delivered' : `would not: ${refusal}`;
        io.out(`${deliveryLine(delivery)}  ${outcome}`);
      }
      if (deliveries.length === 0) io.err(noSuchDelivery);
      return trials.every(({ refusal }) => refusal === undefined) ? 0 : 1;
    } finally {
      await connection.end();
    }
  });
}

async function tryEach(
  exchange: Omit<RerunExchange, 'ledger'>,
  tx: Queryable,
  deliveries: readonly Delivery[],
): Promise<readonly RerunTrial[]> {
  const head = await getHead(tx);
  const at = Math.max(head.at, systemClock.now().getTime());
  const moment = { ...head, at, monotonicMs: systemClock.monotonicMs(), index: head.frontier.size };
  const trials: RerunTrial[] = [];
  for (const delivery of deliveries) trials.push(await tryRerun(exchange, tx, moment, delivery));
  return trials;
}

function reading({ deliveries }: Config): Omit<RerunExchange, 'ledger'> {
  return {
    readStanding: standingReader(),
    readDossiers: dossierReader(),
    schemas: loadSchemas(),
    deliveries: { lifeMs: deliveries.days * dayMs },
  };
}
