/**
 * The partners' interface on loopback: real door, real TLS, and operations that a test makes answer or
 * fail. `calls` is what reached them.
 */
import { randomBytes } from 'node:crypto';
import type { Test } from 'tap';
import { Agent, request } from 'undici';
import { defaultDoorLimits } from '../../src/api/door-limits.ts';
import { createExchangeDoor } from '../../src/api/exchange-door.ts';
import { createExchangeServer } from '../../src/api/exchange-server.ts';
import type { Operations } from '../../src/api/operations.ts';
import type { RequestRefusal } from '../../src/api/request-refusal.ts';
import { waitingPlaces } from '../../src/api/waiting-places.ts';
import { createIdentitySchemes } from '../../src/clients/identity-schemes/identity-scheme-registry.ts';
import type { Pulled } from '../../src/exchange/pull-record.ts';
import type { Receipt } from '../../src/exchange/receipt.ts';
import type { Standing } from '../../src/exchange/standing.ts';
import { ledgerEvent } from '../../src/ledger/ledger-event.ts';
import { serverTlsOptions } from '../../src/pki/server-tls-options.ts';
import { loadSchemaRegistry } from '../../src/records/schema-registry.ts';
import type { Observation } from '../../src/telemetry/observation.ts';
import { type TestCredential, testServer } from './test-certificates.ts';
import { authorities, ca, good, other } from './test-door.ts';

const schemas = loadSchemaRegistry(new URL('../../schemas/', import.meta.url).pathname);
const server = testServer(authorities.forServers);

export interface ServerSetting {
  maxBodyBytes?: number;
  maxInFlight?: number;
  requestsPerMinute?: number;
  standing?: Standing;
}

export interface ServerState {
  calls: { name: string; request: unknown }[];
  receipt: Receipt;
  pulled: Pulled;
  /** Thrown by every operation while it is set. */
  failure: unknown;
  /** Awaited by every operation. */
  pause: Promise<void>;
  monotonicMs: number;
  observations: Observation[];
  notDelivered: number[];
  /** Codes of refusals that no operation made, as the routes have them recorded. */
  refusals: string[];
  /** Refusals that no route has recorded. */
  reported: RequestRefusal[];
}

export const emptyStanding: Standing = {
  register: {
    version: 1,
    participants: new Map(),
    certificates: new Map(),
    endpoints: new Map(),
  },
  agreements: { version: 1, agreements: [] },
};

function freshState(): ServerState {
  return {
    calls: [],
    receipt: { status: 201, body: { recorded: true }, ledgerIndex: 7 },
    pulled: {
      body: '{"sections":{}}',
      etag: '"v1"',
      ledgerIndex: 813,
      goodUntilMs: 5_000,
      event: ledgerEvent({ action: 'record.disclosed', outcome: 'permitted' }),
    },
    failure: undefined,
    pause: Promise.resolve(),
    monotonicMs: 0,
    observations: [],
    notDelivered: [],
    refusals: [],
    reported: [],
  };
}

/** What the route table needs, for tests that ask it nothing. */
export function routeDeps(setting: ServerSetting = {}, state = freshState()) {
  return {
    clock: { now: () => new Date(), monotonicMs: () => state.monotonicMs },
    schemas,
    identitySchemes: createIdentitySchemes({ ranges: 'test', enabled: ['nhs-number'] }),
    signingKeys: [],
    macKey: randomBytes(32),
    operations: fakeOperations(state),
    waiting: waitingPlaces(),
    standing: async () => setting.standing ?? emptyStanding,
    gateway: { name: 'jetway-test', version: '0.0.0' },
    limits: {
      maxBodyBytes: setting.maxBodyBytes ?? 262_144,
      maxInFlight: setting.maxInFlight ?? 100,
      requestsPerMinute: setting.requestsPerMinute ?? 0,
    },
    onNotDelivered: ({ ledgerIndex }: { ledgerIndex: number }) => {
      state.notDelivered.push(ledgerIndex);
    },
    onRequestRefused: (refusal: RequestRefusal) => {
      state.reported.push(refusal);
    },
  };
}

export async function openExchange(t: Pick<Test, 'teardown'>, setting: ServerSetting = {}) {
  const state = freshState();
  const deps = routeDeps(setting, state);
  const suspended = new Set<string>();
  const door = createExchangeDoor({
    tls: serverTlsOptions({
      mode: 'intermediate',
      certificate: server.cert,
      privateKey: server.key,
      clientAuthorities: [authorities.forClients.certificate.toString()],
    }),
    limits: { ...defaultDoorLimits, lingerMs: 200 },
    clock: deps.clock,
    admit: ({ fingerprint256 }) => {
      if (suspended.has(fingerprint256)) return { kind: 'refused', code: 'PARTICIPANT_SUSPENDED' };
      const odsCode = fingerprint256 === good.fingerprint256 ? 'X81001' : 'XRH01';
      return { kind: 'admitted', odsCode, system: 'main' };
    },
    isOpen: () => ({ open: true }),
    onRefused: () => {},
    onUnreadable: deps.onRequestRefused,
    onUnspoken: () => {},
  });
  const app = await createExchangeServer({
    ...deps,
    door,
    observe: (observation) => state.observations.push(observation),
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  t.teardown(() => {
    door.closeAll('test over');
    return app.close();
  });
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const { port } = address;
  const ask = (credential: TestCredential) => asker(t, port, credential);
  return { state, app, door, port, suspended, ask: ask(good), askAsOther: ask(other) };
}

function fakeOperations(state: ServerState): Operations {
  const note = async (name: string, request: unknown) => {
    state.calls.push({ name, request });
    await state.pause;
    if (state.failure !== undefined) throw state.failure;
  };
  const writes = (name: string) => async (request: unknown) => {
    await note(name, request);
    return state.receipt;
  };
  return {
    traceClient: writes('traceClient'),
    recordFacts: writes('recordFacts'),
    publishRecord: writes('publishRecord'),
    retractRecord: writes('retractRecord'),
    recordConsent: writes('recordConsent'),
    withdrawConsent: writes('withdrawConsent'),
    evidenceConsent: writes('evidenceConsent'),
    listConsents: writes('listConsents'),
    recordOverride: writes('recordOverride'),
    searchEvents: writes('searchEvents'),
    readEvent: writes('readEvent'),
    sendMessage: writes('sendMessage'),
    listInbox: async (request) => {
      await note('listInbox', request);
      return { deliveries: [], next: null };
    },
    readDelivery: async (request) => {
      await note('readDelivery', request);
      return { ...state.pulled, body: state.pulled.body ?? '' };
    },
    acknowledgeDelivery: writes('acknowledgeDelivery'),
    answerDelivery: writes('answerDelivery'),
    trackDeliveries: async (request) => {
      await note('trackDeliveries', request);
      return { deliveries: [], next: null };
    },
    trackDelivery: async (request) => {
      await note('trackDelivery', request);
      return {};
    },
    redeliver: writes('redeliver'),
    readChanges: async (request) => {
      await note('readChanges', request);
      return { body: { changes: [], next: 'next', more: false } };
    },
    recordRefusal: async ({ error }) => {
      state.refusals.push(error.code);
      throw error.recordedAt(9);
    },
    pullRecord: async (pull) => {
      await note('pullRecord', pull);
      return state.pulled;
    },
  };
}

export interface Reply {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  text: string;
  json: unknown;
}

export type Ask = (
  method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD' | 'OPTIONS' | 'PATCH' | 'TRACE',
  path: string,
  options?: { headers?: Record<string, string>; body?: string | Buffer },
) => Promise<Reply>;

/** One connection that is kept as long as HTTP lets it. JSON bodies get their media type by themselves. */
function asker(t: Pick<Test, 'teardown'>, port: number, { cert, key }: TestCredential): Ask {
  const dispatcher = new Agent({ connections: 1, pipelining: 1, connect: { ca, cert, key } });
  t.teardown(() => dispatcher.destroy());
  return async (method, path, { headers = {}, body } = {}) => {
    const response = await request(`https://127.0.0.1:${port}${path}`, {
      dispatcher,
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body }),
    });
    const text = await response.body.text();
    const isJson = String(response.headers['content-type']).includes('json') && text !== '';
    const json: unknown = isJson ? JSON.parse(text) : undefined;
    return { status: response.statusCode, headers: response.headers, text, json };
  };
}
