/**
 * People whom the council registered, two hundred where nobody says how many, with a summary of about 3 kB and a
 * consent each, and whom a health centre traced. Made by the gateway's own operations.
 */

import { randomUUID } from 'node:crypto';
import type { AgreementDocument } from '../../src/agreements/sharing-agreement.ts';
import { formatContentDigest } from '../../src/encoding/content-digest.ts';
import type { RequestContext } from '../../src/exchange/caller.ts';
import type { Exchange } from '../../src/exchange/exchange.ts';
import { publishRecord } from '../../src/exchange/publish-record.ts';
import { recordPuller } from '../../src/exchange/pull-record.ts';
import { recordConsent } from '../../src/exchange/record-consent.ts';
import { recordFacts } from '../../src/exchange/record-facts.ts';
import { traceClient } from '../../src/exchange/trace-client.ts';
import { readRecordDocument } from '../../src/records/record-document.ts';
import {
  agreement,
  centre,
  consent,
  council,
  identity,
  ordinaryFacts,
  registration,
  summary,
} from '../../test/support/builders.ts';

export interface KnownPerson {
  nhsNumber: string;
  /** The council's id for the person. */
  ofCouncil: string;
  /** The health centre's. */
  ofCentre: string;
}

export const recordType = 'social-care-summary';
const ordinaryNumber = 200;
/** Fewer than may wait for the ledger. */
const atOnce = 500;
const limits = { maxBytes: 262_144, maxDepth: 32, maxKeys: 5_000 };

/** In force whenever the benchmark runs. */
export const borough: AgreementDocument = agreement({
  period: { from: '2020-01-01T00:00:00Z', until: '2099-01-01T00:00:00Z' },
});

/** A request body as a publisher sends it of that person: about 3 kB. */
export function summaryText(asAt: Date, subject: { nhsNumber: string }): string {
  const { sections, ...head } = summary(subject);
  const services = Array.from({ length: 15 }, (_, i) => ({
    packageName: `Home care, visit ${i + 1} of the week`,
    packageType: 'Domiciliary care',
    start: '2026-02-01',
    localAuthority: { odsCode: council, name: 'Borough council' },
  }));
  const all = { ...Object(sections), servicesAndCare: services };
  return JSON.stringify({ ...head, asAt: asAt.toISOString(), sections: all });
}

export function recordOf({ schemas, clock, identitySchemes }: Exchange, text: string) {
  const options = { limits, at: clock.now(), identitySchemes };
  return readRecordDocument(Buffer.from(text), recordType, schemas, options);
}

/** `fingerprints`: of the certificates that the register holds for the two. */
export async function addPeople(
  exchange: Exchange,
  fingerprints: { council: string; centre: string },
  { withRecords, people = ordinaryNumber }: { withRecords: boolean; people?: number },
): Promise<readonly KnownPerson[]> {
  const from = (odsCode: string, fingerprint256: string): RequestContext => ({
    caller: { odsCode, system: 'main', fingerprint256, assertion: undefined },
    requestId: randomUUID(),
  });
  const idempotency = () => ({ route: 'bench', key: randomUUID(), bodyMac: 'a body' });

  async function add(nhsNumber: string): Promise<KnownPerson> {
    const context = from(council, fingerprints.council);
    const trace = registration({ nhsNumber });
    const client = clientIn(await traceClient(exchange, { context, trace }));
    const facts = ordinaryFacts;
    await recordFacts(exchange, { context, client, facts, idempotency: idempotency() });
    if (withRecords) {
      const text = summaryText(exchange.clock.now(), { nhsNumber });
      await publishRecord(exchange, {
        context,
        client,
        recordType,
        precondition: { kind: 'absent' },
        record: recordOf(exchange, text),
        digest: formatContentDigest(text),
        idempotency: idempotency(),
      });
    }
    const period = { start: '2026-01-01T00:00:00Z' };
    const request = { context, client, consent: consent({ period }), idempotency: idempotency() };
    await recordConsent(exchange, request);
    const centres = from(centre, fingerprints.centre);
    const traced = { context: centres, trace: identity({ nhsNumber }) };
    return {
      nhsNumber,
      ofCouncil: client,
      ofCentre: clientIn(await traceClient(exchange, traced)),
    };
  }

  const added: KnownPerson[] = [];
  const numbers = testNumbers(people);
  for (let first = 0; first < people; first += atOnce) {
    added.push(...(await Promise.all(numbers.slice(first, first + atOnce).map(add))));
  }
  return added;
}

/** What a pull is answered with, for a server that answers with the same bytes and does nothing else. */
export async function pulledBody(
  exchange: Exchange,
  client: string,
  fingerprint256: string,
): Promise<string> {
  const { body } = await recordPuller(exchange)({
    context: {
      caller: { odsCode: centre, system: 'main', fingerprint256, assertion: undefined },
      requestId: randomUUID(),
    },
    client,
    recordType,
    sections: undefined,
    custodian: undefined,
    purpose: 'TREAT',
    ifNoneMatch: [],
  });
  if (body === undefined) throw new Error('nothing was pulled');
  return body;
}

function clientIn({ body }: { body: Readonly<Record<string, unknown>> }): string {
  return String(body['client']);
}

/** From the range that is kept for tests, with the modulus 11 check digit of ISB 0149. */
function testNumbers(count: number): readonly string[] {
  const numbers: string[] = [];
  for (let serial = 999_100_000; numbers.length < count; serial += 1) {
    const digits = [...String(serial)].map(Number);
    const sum = digits.reduce((total, digit, i) => total + digit * (10 - i), 0);
    const check = (11 - (sum % 11)) % 11;
    if (check < 10) numbers.push(`${serial}${check}`);
  }
  return numbers;
}
