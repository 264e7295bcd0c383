/**
 * Entries of people and of ids, followed from the first one on: whatever honest gateways write in whatever order fits
 * in, and no single thing of it could have been another.
 */
import fc from 'fast-check';
import t from 'tap';
import { AdmittedCertificates } from '../../../src/exchange/verification/admitted-certificates.ts';
import { FollowedContents } from '../../../src/exchange/verification/followed-contents.ts';
import { FollowedEndpoints } from '../../../src/exchange/verification/followed-endpoints.ts';
import { FollowedLinks } from '../../../src/exchange/verification/followed-links.ts';
import { FollowedPeople } from '../../../src/exchange/verification/followed-people.ts';
import type { StoredEvent } from '../../../src/ledger/stored-event.ts';
import { type EventJudge, untilMissed } from '../../../src/ledger/verification/event-follower.ts';
import { type Change, changes } from '../../support/history-changes.ts';
import { anySteps, honestHistory, type Step } from '../../support/honest-history.ts';

const followers = {
  ...{ people: FollowedPeople, links: FollowedLinks, contents: FollowedContents },
  ...{ endpoints: FollowedEndpoints, certificates: AdmittedCertificates },
};

function faultsOf(follower: EventJudge, events: readonly StoredEvent[]) {
  return events.map((event, index) => follower.misfitOf(event, { log: 1, index }));
}

t.test('whatever honest gateways write of whomever, in any order, fits in', async () => {
  fc.assert(
    fc.property(anySteps, (steps) => {
      const events = honestHistory(steps).map(({ event }) => event);
      return Object.values(followers).every((Follower) =>
        faultsOf(new Follower(), events).every((fault) => fault === undefined),
      );
    }),
  );
});

/** The history with one entry of it changed, which `place` selects among those that can be. */
function changedOnce(steps: readonly Step[], { change }: Change, place: number) {
  const history = honestHistory(steps);
  const able = history.flatMap((entry, index) => {
    const event = change(entry);
    return event ? [{ event, index }] : [];
  });
  const changed = able[place % Math.max(1, able.length)];
  fc.pre(changed !== undefined);
  const { event, index } = changed ?? { event: undefined, index: 0 };
  const events = history.map((entry) => entry.event);
  return { events: event ? events.with(index, event) : events, index };
}

for (const change of changes) {
  t.test(`finds ${change.title}, at its entry`, async () => {
    fc.assert(
      fc.property(anySteps, fc.nat(), (steps, place) => {
        const { events, index } = changedOnce(steps, change, place);
        const faults = faultsOf(new followers[change.followed](), events);
        const { person } = events[index] ?? {};
        return faults.every((fault, i) => {
          if (i === index) return fault === change.found;
          // what comes after it may not fit to it, but nobody else is told of
          return fault === undefined || (i > index && events[i]?.person === person);
        });
      }),
    );
  });
}

t.test('where an entry could not be read, nothing is told of those behind it', async () => {
  const anyChange = fc.constantFrom(...changes);
  fc.assert(
    fc.property(anySteps, fc.nat(), anyChange, (steps, place, change) => {
      const { events, index } = changedOnce(steps, change, place);
      const follower = untilMissed(new followers[change.followed]());
      const before = faultsOf(follower, events.slice(0, index));
      follower.miss();
      const faults = [...before, ...faultsOf(follower, events.slice(index))];
      return faults.every((fault) => fault === undefined);
    }),
  );
});
