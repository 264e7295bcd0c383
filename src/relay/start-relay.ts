/**
 * What a node does for deliveries: ends those whose time or consent is over, in every gateway; and where the
 * configuration has what that needs, pushes to endpoints.
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import type { Config } from '../config/load-config.ts';
import { expireDeliveries, moveOrphansToInboxes, refuseWaiting } from '../exchange/end-waiting.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { startPeriodically } from '../exchange/periodically.ts';
import type { Register } from '../participants/register.ts';
import { loadKeyFile } from '../pki/key-file.ts';
import { readPemCertificates } from '../pki/pem-certificates.ts';
import { createRelay } from './create-relay.ts';
import type { Resolve } from './dial-endpoint.ts';
import type { RelayObservation } from './relay-worker.ts';

export interface RelayDeps {
  exchange: Exchange;
  /** As the node knows it; undefined where it cannot be trusted. */
  register(): Register | undefined;
  resolve?: Resolve | undefined;
  observe(observation: RelayObservation): void;
}

export interface Relay {
  /** Verifies what is pushed; undefined where nothing is. */
  publicKey: KeyObject | undefined;
  /** Something may be due: look at once. */
  wake(): void;
  /** Lets what is under way finish. */
  stop(): Promise<void>;
}

const sweepMs = 5_000;

/** Throws KeyFileError where a key file is none any more; what they hold was judged with the settings. */
export function startRelay(config: Config, deps: RelayDeps): Relay {
  const { exchange, observe } = deps;
  const worker = config.push && createWorker(config.push, config.tls.mode, deps);
  const sweep = startPeriodically(
    async () => {
      await refuseWaiting(exchange);
      await expireDeliveries(exchange);
      await moveOrphansToInboxes(exchange);
    },
    sweepMs,
    (error) => observe({ kind: 'relay.failed', error }),
  );
  worker?.relay.start();
  return {
    publicKey: worker?.publicKey,
    wake: () => worker?.relay.wake(),
    async stop() {
      await Promise.all([worker?.relay.stop(), sweep.stop()]);
    },
  };
}

function createWorker(
  push: NonNullable<Config['push']>,
  tlsMode: Config['tls']['mode'],
  deps: RelayDeps,
) {
  const { key: signingKey } = loadKeyFile(push.signingKeyFile);
  const { allowsPrivateAddresses, connectionsPerEndpoint } = push;
  const identity = {
    certificate: readPemCertificates(push.certificateFile),
    privateKey: loadKeyFile(push.keyFile).pem,
  };
  const relay = createRelay({
    ...{ ...deps, signingKey, tlsMode, allowsPrivateAddresses, connectionsPerEndpoint, identity },
  });
  return { relay, publicKey: createPublicKey(signingKey) };
}
