/**
 * Everything worth noticing, in one closed union. Code says what happened; the log and the metrics each
 * decide what to make of it. No member may carry personal data, a body, a URL or a name: routes are patterns,
 * organisations are ODS codes, texts are the project's own constants.
 */
import type { CertificateUse } from '../config/certificate-ends.ts';
import type { DoorCode, ErrorCode, RequestCode } from '../errors/error-code.ts';
import type { HandshakeCode } from '../errors/handshake-check.ts';

export type Observation =
  | {
      kind: 'request.completed';
      method: string;
      /** The pattern of the route; undefined when none matched. */
      route: string | undefined;
      status: number;
      durationMs: number;
      /** A UUID, as checked at the door. */
      requestId: string;
      /** ODS code. */
      organisation?: string;
      /** Of the problem document, where one was sent. */
      code?: ErrorCode;
    }
  | {
      kind: 'door.refused';
      code: DoorCode | HandshakeCode;
      /** Which of the door's checks failed. */
      check?: string;
      /** A UUID, which the peer was told. */
      requestId?: string;
      /** Remote address. */
      source?: string;
      /** Of the certificate that was presented. */
      serial?: string;
      /** ODS code: whose it is, where it is registered. */
      organisation?: string;
    }
  /** A peer closed its connection without having sent anything: a probe of the port. */
  | { kind: 'door.unspoken' }
  /** A request that was refused before it came to a route: ambiguous, not HTTP, or too slow. */
  | {
      kind: 'request.unreadable';
      code: RequestCode;
      /** What was wrong with it. */
      check?: string;
      /** A UUID, which the peer was told. */
      requestId: string;
      /** ODS code. */
      organisation: string;
    }
  /**
   * One ledger transaction: how many entries of how many requests, how long it took, and how far the ledger's time was
   * ahead of this node's clock.
   */
  | {
      kind: 'ledger.committed';
      entries: number;
      members: number;
      durationMs: number;
      aheadMs: number;
    }
  | { kind: 'ledger.failed'; members: number; error: unknown }
  | { kind: 'checkpoint.signed'; size: number }
  | { kind: 'checkpoint.failed'; error: unknown }
  /** `reason` names logs, and numbers of entries. */
  | { kind: 'checkpoint.refused'; reason: string }
  /** Again, for the cause that was told before. */
  | { kind: 'checkpoint.failing' }
  | { kind: 'checkpoint.resumed' }
  /** Nothing outside the database said how much it must hold. `text` is a constant of ours. */
  | { kind: 'checkpoint.unwitnessed'; text: string }
  /** One attempt to push a delivery: `delivered`, or a code of ours for what it failed of. */
  | { kind: 'delivery.attempted'; organisation: string; outcome: string; durationMs: number }
  /** No connection came about. */
  | { kind: 'endpoint.failed'; organisation: string; code: string }
  | { kind: 'relay.failed'; error: unknown }
  | { kind: 'register.stale' }
  /** What the gateway shows or trusts is good until then. */
  | { kind: 'certificate.loaded'; certificate: CertificateUse; notAfter: Date }
  /** That is near, or over. */
  | { kind: 'certificate.ending'; certificate: CertificateUse; notAfter: Date }
  | {
      kind: 'gateway.started';
      exchange: string;
      operations: string;
      version: string;
      /** What auditors check checkpoints with; public. */
      logVerifierKey: string;
    }
  | { kind: 'gateway.stopping'; reason: string }
  | { kind: 'gateway.stopped'; durationMs: number }
  | { kind: 'error.unexpected'; error: unknown; requestId?: string }
  /** `text` is a constant of ours, never composed from input. */
  | { kind: 'notice'; text: string };

export type Observe = (observation: Observation) => void;
