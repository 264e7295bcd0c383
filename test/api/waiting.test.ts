/** Waiting for news: what a Prefer field asks for, and how many of an organisation may wait. */
import fc from 'fast-check';
import t from 'tap';
import { defaultDoorLimits } from '../../src/api/door-limits.ts';
import { maxWaitSeconds, waitSecondsOf } from '../../src/api/prefer.ts';
import { waitingPlaces } from '../../src/api/waiting-places.ts';

t.test('a wait is read from Prefer as RFC 7240 writes it', async (t) => {
  const fields: Readonly<Record<string, number>> = {
    'wait=20': 20,
    'WAIT = 5': 5,
    'respond-async, wait=10': 10,
    'wait="7"; foo="bar", wait=9': 7,
    'wait=3600': maxWaitSeconds,
    'wait=0': 0,
    wait: 0,
    'wait=-1': 0,
    'wait=soon': 0,
    'await=20': 0,
    'foo="wait=20"': 0,
    '': 0,
  };
  for (const [field, seconds] of Object.entries(fields)) {
    t.equal(waitSecondsOf({ prefer: field }), seconds, field);
  }
  t.equal(waitSecondsOf({}), 0);
  t.equal(waitSecondsOf({ prefer: ['respond-async', 'wait=4'] }), 4);
});

t.test('whatever stands in Prefer, nobody waits longer than a connection may be silent', (t) => {
  fc.assert(
    fc.property(fc.string(), fc.nat(), (text, seconds) => {
      for (const prefer of [text, `${text},wait=${seconds}`]) {
        const wait = waitSecondsOf({ prefer });
        if (!(wait >= 0 && wait * 1_000 < defaultDoorLimits.stalledTimeoutMs)) return false;
      }
      return true;
    }),
  );
  t.end();
});

t.test('an organisation has so many places to wait, and others have their own', async (t) => {
  const places = waitingPlaces(2);
  const first = places.take('X81001');
  t.ok(first);
  t.ok(places.take('X81001'));
  t.equal(places.take('X81001'), undefined, 'answered at once');
  t.ok(places.take('X81002'));
  first?.();
  t.ok(places.take('X81001'), 'a place that was given back');
  t.equal(places.take('X81001'), undefined);
});
