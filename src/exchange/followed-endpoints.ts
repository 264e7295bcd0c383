/**
 * Where deliveries go, followed from entry to entry: nothing is pushed but to the endpoint that an operator set last.
 */
import { ownMember } from '../encoding/own-member.ts';
import type { StoredEvent } from '../ledger/stored-event.ts';
import type { EventJudge } from '../ledger/verification/event-follower.ts';
import { endpointDigest } from './state-digest.ts';

export class FollowedEndpoints implements EventJudge {
  /** Digests by ODS code. */
  readonly #endpoints = new Map<unknown, string>();

  faultOf({ action, outcome, organisation, particulars }: StoredEvent): string | undefined {
    const of = (name: string) => ownMember(particulars, name);
    if (action === 'endpoint.removed') this.#endpoints.delete(of('odsCode'));
    if (action === 'endpoint.set') {
      this.#endpoints.set(of('odsCode'), endpointDigest(of('url') ?? null, of('anchors') ?? null));
    }
    if (action !== 'delivery.authorised' || outcome !== 'permitted') return undefined;
    return of('endpoint') === this.#endpoints.get(organisation)
      ? undefined
      : 'the endpoint that it was sent to is not the one that an entry set last';
  }
}
