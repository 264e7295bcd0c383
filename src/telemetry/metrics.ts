/**
 * Observations as numbers (Prometheus text format 0.0.4). Label values are closed sets: route patterns,
 * codes, statuses, registered organisations, so that no partner can make the registry grow.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { addLevels, type Levels } from './levels.ts';
import type { Observation, Observe } from './observation.ts';

export interface Metrics {
  observe: Observe;
  /** Once. */
  addLevels(levels: Levels): void;
  text(): Promise<string>;
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']);
const secondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const requests = new Histogram({
    name: 'jetway_request_duration_seconds',
    help: 'Time from the last header of a request to the end of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: secondsBuckets,
    registers,
  });
  const problems = new Counter({
    name: 'jetway_problems_total',
    help: 'Problem documents sent, by code.',
    labelNames: ['code'],
    registers,
  });
  const refusals = new Counter({
    name: 'jetway_door_refusals_total',
    help: 'Connections refused before any HTTP, by code; handshakes that failed also by check.',
    labelNames: ['code', 'check'],
    registers,
  });
  const unspoken = new Counter({
    name: 'jetway_door_unspoken_total',
    help: 'Connections that their peers closed without having sent anything.',
    registers,
  });
  const transactions = new Histogram({
    name: 'jetway_ledger_transaction_seconds',
    help: 'Time of one ledger transaction, from the lock to the commit.',
    buckets: secondsBuckets,
    registers,
  });
  const members = new Histogram({
    name: 'jetway_ledger_transaction_members',
    help: 'Requests that shared one ledger transaction.',
    buckets: [1, 2, 5, 10, 20, 50, 100, 256],
    registers: [registry],
  });
  const entries = new Counter({
    name: 'jetway_ledger_entries_total',
    help: 'Entries committed.',
    registers,
  });
  const ahead = new Gauge({
    name: 'jetway_ledger_ahead_seconds',
    help: 'How far the ledger’s time was ahead of this node’s clock, at its last transaction.',
    registers: [registry],
  });
  const checkpointFailures = new Counter({
    name: 'jetway_checkpoint_failures_total',
    help: 'Checkpoints that were not signed, because the ledger could not be read or did not hold together.',
    registers: [registry],
  });
  const failures = new Counter({
    name: 'jetway_ledger_failures_total',
    help: 'Ledger transactions that failed.',
    registers,
  });
  const checkpoint = new Gauge({
    name: 'jetway_checkpoint_size',
    help: 'Size of the last signed checkpoint.',
    registers,
  });
  const notAfter = new Gauge({
    name: 'jetway_certificate_not_after_timestamp_seconds',
    help: 'End of the certificates in use, the first to end of each file, in seconds since the epoch.',
    labelNames: ['certificate'],
    registers,
  });
  const attempts = new Histogram({
    name: 'jetway_delivery_attempt_seconds',
    help: 'Time of one attempt to push a delivery, by recipient and outcome.',
    labelNames: ['organisation', 'outcome'],
    buckets: secondsBuckets,
    registers,
  });
  const endpointFailures = new Counter({
    name: 'jetway_endpoint_failures_total',
    help: 'Connections to endpoints that did not come about, by participant and code.',
    labelNames: ['organisation', 'code'],
    registers,
  });
  const relayFailures = new Counter({
    name: 'jetway_relay_failures_total',
    help: 'Turns of the relay that failed, the ledger’s outages among them.',
    registers,
  });
  const stale = new Counter({
    name: 'jetway_register_stale_total',
    help: 'Times that the register could not be read for too long and sockets were closed.',
    registers,
  });
  const unexpected = new Counter({
    name: 'jetway_unexpected_errors_total',
    help: 'Errors that nobody expected: each is a bug or an outage.',
    registers,
  });

  function observe(observation: Observation): void {
    switch (observation.kind) {
      case 'request.completed': {
        const { route = 'unmatched', status, durationMs, code } = observation;
        const method = methods.has(observation.method) ? observation.method : 'other';
        requests.observe({ method, route, status }, durationMs / 1_000);
        if (code !== undefined) problems.inc({ code });
        return;
      }
      case 'request.unreadable':
        problems.inc({ code: observation.code });
        return;
      case 'door.refused': {
        const { code, check } = observation;
        // of other codes the check is a sentence, and no label
        const isLabelled = check !== undefined && code === 'HANDSHAKE_FAILED';
        refusals.inc({ code, ...(isLabelled && { check }) });
        return;
      }
      case 'door.unspoken':
        unspoken.inc();
        return;
      case 'ledger.committed':
        transactions.observe(observation.durationMs / 1_000);
        members.observe(observation.members);
        entries.inc(observation.entries);
        ahead.set(observation.aheadMs / 1_000);
        return;
      case 'ledger.failed':
        failures.inc();
        return;
      case 'checkpoint.signed':
        checkpoint.set(observation.size);
        return;
      case 'checkpoint.failed':
      case 'checkpoint.refused':
      case 'checkpoint.failing':
        checkpointFailures.inc();
        return;
      case 'delivery.attempted': {
        const { organisation, outcome, durationMs } = observation;
        attempts.observe({ organisation, outcome }, durationMs / 1_000);
        return;
      }
      case 'endpoint.failed': {
        const { organisation, code } = observation;
        endpointFailures.inc({ organisation, code });
        return;
      }
      case 'relay.failed':
        relayFailures.inc();
        return;
      case 'register.stale':
        stale.inc();
        return;
      case 'error.unexpected':
        unexpected.inc();
        return;
      case 'certificate.loaded': {
        const { certificate } = observation;
        notAfter.set({ certificate }, observation.notAfter.getTime() / 1_000);
        return;
      }
      case 'certificate.ending':
      case 'checkpoint.resumed':
      case 'checkpoint.unwitnessed':
      case 'gateway.started':
      case 'gateway.stopping':
      case 'gateway.stopped':
      case 'notice':
        return;
      default:
        observation satisfies never;
    }
  }

  return {
    observe,
    addLevels: (levels) => addLevels(registry, levels),
    text: () => registry.metrics(),
  };
}
