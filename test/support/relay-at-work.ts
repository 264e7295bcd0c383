/** A relay that really connects, and endpoints that it finds. The test says when it works. */
import { generateKeyPairSync } from 'node:crypto';
import { trackDelivery } from '../../src/exchange/track-deliveries.ts';
import { getHead } from '../../src/ledger/ledger-store.ts';
import { loadRegister } from '../../src/participants/register-store.ts';
import { setEndpoint } from '../../src/participants/set-endpoint.ts';
import type { Manner } from '../../src/partner/manners.ts';
import { createRelay } from '../../src/relay/create-relay.ts';
import { defaultEndpointLimits } from '../../src/relay/endpoint-connection.ts';
import type { RelayObservation } from '../../src/relay/relay-worker.ts';
import { gatewayIdentity, startTestEndpoint } from './test-endpoint.ts';
import { contextOf, type TestExchange } from './test-exchange.ts';

const signing = generateKeyPairSync('ed25519');
const limits = { ...defaultEndpointLimits, connectMs: 2_000, firstByteMs: 300, totalMs: 600 };

interface Owner {
  teardown(undo: () => unknown): unknown;
}

export function relayAtWork(t: Owner, exchange: TestExchange) {
  /** A node's relay, and what its register knows. */
  async function opened({ lateByMs = (): number => 0, signingKey = signing.privateKey } = {}) {
    const observed: RelayObservation[] = [];
    const register = async () =>
      loadRegister(exchange.database, (await getHead(exchange.database)).registerVersion);
    let known = await register();
    const { clock: inTime } = exchange;
    // of the sending, which the ledger's own clock knows nothing of
    const clock = { now: inTime.now, monotonicMs: () => inTime.monotonicMs() + lateByMs() };
    const relay = createRelay({
      ...{ limits, identity: gatewayIdentity, signingKey },
      exchange: { ...exchange, clock },
      ...{ tlsMode: 'intermediate', allowsPrivateAddresses: true, connectionsPerEndpoint: 4 },
      register: () => known,
      observe: (observation) => observed.push(observation),
    });
    t.teardown(() => relay.stop());
    return {
      relay,
      observed,
      async know() {
        known = await register();
      },
      /** Until nothing is due any more, or nothing may be tried. */
      async work(): Promise<void> {
        // what a turn begins may have ended before the turn has: two turns in which nothing happens are the end
        for (let idle = 0; idle < 2; ) {
          await relay.round();
          idle = (await relay.settled()) ? 0 : idle + 1;
        }
      },
    };
  }

  async function place(odsCode: string, manners: () => Manner = () => 'ok') {
    const { clock } = exchange;
    const gatewayKey = signing.publicKey;
    const started = await startTestEndpoint(t, { odsCode, manners, clock, gatewayKey });
    await setEndpoint(exchange.ledger, started.endpoint, 'test');
    return started;
  }

  return {
    opened,
    place,
    signing,
    track: (odsCode: string, id: unknown) =>
      trackDelivery(exchange, { context: contextOf(odsCode), id: String(id) }),
  };
}

/** The first that a receipt names. */
export function deliveryIn({ body }: { body: Readonly<Record<string, unknown>> }): string {
  const { deliveries } = body;
  return Array.isArray(deliveries) ? String(deliveries[0]?.id) : '';
}
