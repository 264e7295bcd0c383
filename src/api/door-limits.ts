/**
 * How much of the exchange door one peer, or all together, may hold. Node's own limits (60 s headers,
 * 300 s request, 120 s handshake, checked every 30 s) leave slow peers in place; 3,000 idle mutual-TLS
 * connections cost about 80 KiB each.
 */
export interface DoorLimits {
  maxConnections: number;
  maxConnectionsPerCertificate: number;
  /** Connections beyond `maxConnections` that may be shaking hands or reading their refusal. */
  maxUnadmitted: number;
  maxHeaderBytes: number;
  handshakeTimeoutMs: number;
  headersTimeoutMs: number;
  requestTimeoutMs: number;
  keepAliveTimeoutMs: number;
  /**
   * No byte either way for this long, a peer that does not read its answer included; longer than a wait (prefer.ts).
   */
  stalledTimeoutMs: number;
  connectionsCheckingIntervalMs: number;
  /** How long a refused connection may take to read its answer. */
  lingerMs: number;
}

export const defaultDoorLimits: DoorLimits = Object.freeze({
  maxConnections: 2_000,
  maxConnectionsPerCertificate: 100,
  maxUnadmitted: 256,
  maxHeaderBytes: 16 * 1_024,
  handshakeTimeoutMs: 5_000,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 60_000,
  stalledTimeoutMs: 120_000,
  connectionsCheckingIntervalMs: 1_000,
  lingerMs: 2_000,
});
