/**
 * Where deliveries go, followed from entry to entry: nothing is pushed but to the endpoint that an operator set last.
 */
import { ownMember } from '../../encoding/own-member.ts';
import type { StoredEvent } from '../../ledger/stored-event.ts';
import type { EventJudge } from '../../ledger/verification/event-follower.ts';
import { endpointDigest } from '../state-digest.ts';

export class FollowedEndpoints implements EventJudge {
  /** Digests by ODS code. */
  readonly #endpoints = new Map<unknown, string>();

  misfitOf(event: StoredEvent): string | undefined {
    const { action, outcome, organisation, particulars } = event;
    if (outcome === 'done') this.#follow(event);
    if (action !== 'delivery.authorised' || outcome !== 'permitted') return undefined;
    const endpoint = ownMember(particulars, 'endpoint');
    return endpoint !== undefined && endpoint === this.#endpoints.get(organisation)
      ? undefined
      : 'the endpoint that it was sent to is not the one that an entry set last';
  }

  #follow({ action, particulars }: StoredEvent): void {
    const of = (name: string) => ownMember(particulars, name);
    if (action === 'endpoint.removed') this.#endpoints.delete(of('odsCode'));
    if (action !== 'endpoint.set') return;
    this.#endpoints.set(of('odsCode'), endpointDigest(of('url') ?? null, of('anchors') ?? null));
  }
}
