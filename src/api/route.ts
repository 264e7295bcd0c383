/**
 * A call of the partners' interface as data, free of any HTTP framework: the route table, the API
 * description and the tests all read it. What is not declared here is not served.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Activity } from '../agreements/sharing-agreement.ts';
import type { ErrorCode } from '../errors/error-code.ts';
import type { RequestContext } from '../exchange/caller.ts';
import type { Action } from '../ledger/ledger-event.ts';
import type { AnswerName } from './answer-schemas.ts';
import type { AdmittedPeer } from './door-connections.ts';
import type { QueryShape } from './query.ts';
import type { RequestField } from './request-fields.ts';

/**
 * Who may call. `certificate`: everybody whom the door admits. `agreement`: parties of any agreement in
 * force. Otherwise an agreement in force has to name one of the activities. The operations enforce it
 * under the ledger's lock, where an agreement cannot end meanwhile.
 */
export type Access = 'certificate' | 'agreement' | Activity | readonly Activity[];

/** A request, admitted by the door and otherwise unchecked: everything but `peer` is the partner's. */
export interface Call {
  peer: AdmittedPeer;
  /** UUID. */
  requestId: string;
  /** Decoded path parameters by name. */
  parameters: Readonly<Record<string, string>>;
  /** Behind the question mark; empty where there is none. */
  search: string;
  headers: IncomingHttpHeaders;
  /** Empty where none was sent. */
  body: Uint8Array;
  /** Aborted when the caller goes away. For those who wait: each call makes a new one. */
  gone(): AbortSignal;
}

/** Who asks and for what, once the user assertion is verified. */
export interface CallContext {
  context: RequestContext;
  /** Purpose-Of-Use or the assertion's; undefined where neither names one. */
  purpose: string | undefined;
}

export interface Answer {
  status: 200 | 201 | 202 | 304;
  /** JSON text; undefined with 304. */
  body: string | undefined;
  etag?: string;
  /** The entry that covers this answer. */
  ledgerIndex?: number;
  /** RFC 7240 section 3. */
  preferenceApplied?: string;
  /** Monotonic clock: the answer must not leave later than this. */
  goodUntilMs?: number;
  /** Called once where the answer demonstrably did not leave whole. Must not throw. */
  onNotDelivered?(): void;
}

export interface RouteBody {
  schema: object;
  maxBytes: number;
  isOptional: boolean;
}

export interface AnswerForm {
  /** Of the body in schemas/answers.json; undefined where there is none, or of another making. */
  body?: AnswerName;
  means: string;
  hasEtag?: true;
}

export interface Route {
  method: 'GET' | 'POST' | 'PUT';
  /** As OpenAPI writes it: `/v1/clients/{client}/facts`. */
  path: string;
  access: Access;
  /**
   * What a refusal of this call is recorded as. Undefined where the call leaves no entry: its refusals are summed
   * with those of HTTP.
   */
  action?: Action;
  summary: string;
  query?: Pick<QueryShape<unknown>, 'properties'>;
  /** Header fields that mean something here, beside those that every call takes. */
  fields?: readonly RequestField[];
  body?: RouteBody;
  /** Of each status that is no problem. */
  answers: Readonly<Partial<Record<Answer['status'], AnswerForm>>>;
  /** The problems that are peculiar to this call. */
  problems: readonly ErrorCode[];
  answer(call: Call, asked: CallContext): Promise<Answer>;
}
