/**
 * Why a delivery did not arrive: every code, in one closed union, with what it means in a line. Senders read them in
 * the state of a delivery, operators in the ledger. None tells anything that the endpoint sent.
 */

/** No connection: nothing was sent. */
export const connectFailures = {
  ENDPOINT_UNRESOLVED: 'the name of the endpoint’s host has no address',
  ENDPOINT_ADDRESS_REFUSED: 'the host’s address is one that the gateway does not dial',
  ENDPOINT_UNREACHABLE: 'nothing listens there, or the network does not lead there',
  ENDPOINT_TIMEOUT: 'no connection came about in time',
  ENDPOINT_UNTRUSTED:
    'the certificate is not by an authority of the endpoint’s, or out of its dates',
  ENDPOINT_NAME_MISMATCH: 'the certificate is for another name than the registered host',
  ENDPOINT_TLS_FAILED: 'the endpoint did not agree on TLS, or refused the gateway’s certificate',
} as const satisfies Record<string, string>;

/** A connection, but no answer that could be read. */
export const exchangeFailures = {
  CONNECTION_CLOSED: 'the connection ended before the answer was there',
  ANSWER_TIMEOUT: 'the answer did not come in time',
  ANSWER_TOO_LARGE: 'the answer is larger than any that the gateway reads',
  ANSWER_NOT_HTTP: 'what came back is not HTTP/1.1',
  ENDPOINT_TLS_FAILED: connectFailures.ENDPOINT_TLS_FAILED,
} as const satisfies Record<string, string>;

/** An answer that says no, or says nothing. */
export const answerFailures = {
  ANSWER_UNEXPECTED: 'the answer does not say that this delivery was received',
  ENDPOINT_BUSY: 'the endpoint asks for another try later',
  ENDPOINT_FAILED: 'the endpoint failed inside',
  ENDPOINT_REDIRECTS:
    'the endpoint points elsewhere; the gateway goes nowhere but where it was told',
  ENDPOINT_REFUSES: 'the endpoint takes nothing at all there, or nothing from the gateway',
  DELIVERY_REJECTED: 'the recipient takes this delivery for faulty',
  DELIVERY_TOO_LARGE: 'the recipient takes nothing as large as this delivery',
  DELIVERY_TYPE_UNSUPPORTED: 'the recipient takes no deliveries of this media type',
} as const satisfies Record<string, string>;

export const notSentFailures = {
  AUTHORISATION_EXPIRED: 'the authorisation ran out before anything was written',
} as const satisfies Record<string, string>;

export type ConnectFailure = keyof typeof connectFailures;
export type ExchangeFailure = keyof typeof exchangeFailures;
export type NotSentFailure = keyof typeof notSentFailures;
export type DeliveryFailure =
  | ConnectFailure
  | ExchangeFailure
  | NotSentFailure
  | keyof typeof answerFailures;
