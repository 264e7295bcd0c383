/**
 * What the ledger and telemetry call a TLS handshake that failed. Nobody can be answered then, so it has no
 * problem document and stands apart from the codes that partners meet (error-code.ts).
 */
export type HandshakeCode = 'HANDSHAKE_FAILED';

/** Why, in a closed list: never a text of the peer's, and never one of the TLS library's. */
export type HandshakeCheck =
  | 'no-shared-cipher'
  | 'no-shared-parameters'
  | 'no-shared-application-protocol'
  | 'protocol-version'
  | 'not-tls'
  | 'bad-signature'
  | 'peer-alert'
  | 'broken-off'
  | 'timeout'
  | 'other';
