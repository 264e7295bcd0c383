/** A pull as it comes from the API, checked for form alone. */
import type { RequestContext } from './caller.ts';

export interface PullRequest {
  context: RequestContext;
  /** The caller's own id for the person. */
  client: string;
  /** Known to the schema registry. */
  recordType: string;
  /** Sections of the schema; undefined asks for the whole record. */
  sections: readonly string[] | undefined;
  custodian: string | undefined;
  /** Purpose-Of-Use; equal to the assertion's where there is one. */
  purpose: string | undefined;
  /** If-None-Match; `*` stands for any. */
  ifNoneMatch: readonly string[];
}
