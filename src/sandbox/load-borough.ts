/**
 * Makes the borough's people known, through the exchange door and with the partners' own certificates, as a
 * real first load would be. An interrupted load is taken up where it stopped: whoever was in hospital and has a
 * published health summary is complete, because that comes last, and the last of them comes last of all.
 */
import type { PartnerClient } from '../partner/partner-client.ts';
import { listOf, textOf } from '../partner/reply-members.ts';
import { council, hospital, housingBenefit } from './borough.ts';
import { required, type SandboxPartners } from './sandbox-partners.ts';
import { type ScenarioConsent, scenarioConsents, scenarioFacts } from './scenario-consents.ts';
import { syntheticHealth } from './synthetic-health.ts';
import { syntheticIncome } from './synthetic-income.ts';
import { type SyntheticPerson, wasInHospital } from './synthetic-people.ts';
import { syntheticSummary } from './synthetic-summary.ts';

/** Enough to fill the ledger's transactions, few enough for one certificate's connections. */
const atOnce = 16;
export const summaryType = 'social-care-summary';
const incomeType = 'hb-income-statement';
const healthType = 'health-summary';

/** Whether anybody had to be loaded. `at` is epoch milliseconds. */
export async function loadBorough(
  partners: SandboxPartners,
  people: readonly SyntheticPerson[],
  at: number,
): Promise<boolean> {
  const last = people.findLast(wasInHospital);
  if (!last || (await isComplete(partners.get(hospital), last))) return false;
  const waiting = people.filter((person) => person !== last);
  const load = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      await loadPerson(partners, next, at);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, load));
  await loadPerson(partners, last, at);
  return true;
}

/** The organisation's own id for the person. Throws where it is refused. */
export async function tracePerson(client: PartnerClient, person: SyntheticPerson): Promise<string> {
  const reply = await client.post('/v1/clients/trace', { body: traceRequest(person) });
  return textOf(required(reply, [200], 'a trace').body, 'client');
}

export function traceRequest({ nhsNumber, birthDate, familyName }: SyntheticPerson) {
  return { nhsNumber, birthDate, familyName, relationship: { kind: 'registered' } };
}

async function isComplete(client: PartnerClient, person: SyntheticPerson): Promise<boolean> {
  const traced = await client.post('/v1/clients/trace', { body: traceRequest(person) });
  if (traced.status !== 200) return false;
  const path = `/v1/clients/${textOf(traced.body, 'client')}/records/${healthType}`;
  return (await client.get(path)).status === 200;
}

async function loadPerson(
  partners: SandboxPartners,
  person: SyntheticPerson,
  at: number,
): Promise<void> {
  const publisher = partners.get(council.odsCode);
  const registered = required(
    await publisher.post('/v1/clients/trace', {
      body: {
        ...traceRequest(person),
        relationship: { kind: 'caseload' },
        register: true,
        nhsNumberStatus: '01',
      },
    }),
    [200, 201],
    'a registration',
  );
  const client = textOf(registered.body, 'client');
  const facts = await publisher.put(`/v1/clients/${client}/facts`, { body: scenarioFacts(person) });
  required(facts, [200], 'facts');
  const isNew = registered.status === 201;
  const held = isNew ? new Map<string, string>() : await heldConsents(publisher, client);
  for (const scenario of scenarioConsents(person, at)) {
    await recordScenarioConsent(partners, person, client, scenario, held);
  }
  const asAt = new Date(at).toISOString();
  if (person.scenario === 'income-consented') {
    const office = partners.get(housingBenefit);
    const known = await tracePerson(office, person);
    await publishFirst(office, known, incomeType, syntheticIncome(person, asAt));
  }
  await publishFirst(publisher, client, summaryType, syntheticSummary(person, asAt));
  if (!wasInHospital(person)) return;
  const ward = partners.get(hospital);
  const known = await tracePerson(ward, person);
  await publishFirst(ward, known, healthType, syntheticHealth(person, asAt));
}

/** What an interrupted load recorded: ids by evidence reference. */
async function heldConsents(
  client: PartnerClient,
  id: string,
): Promise<ReadonlyMap<string, string>> {
  const { body } = required(await client.get(`/v1/clients/${id}/consents`), [200], 'consents');
  return new Map(
    listOf(body, 'consents').map((consent) => [
      textOf(consent, 'evidence', 'reference'),
      textOf(consent, 'id'),
    ]),
  );
}

/** Withdrawing twice changes nothing, so nobody asks whether it was done. */
async function recordScenarioConsent(
  partners: SandboxPartners,
  person: SyntheticPerson,
  councilClient: string,
  { recordedBy, consent, isWithdrawn }: ScenarioConsent,
  held: ReadonlyMap<string, string>,
): Promise<void> {
  const recorder = partners.get(recordedBy);
  let id = held.get(consent.evidence?.reference ?? '');
  if (id === undefined) {
    const isCouncil = recordedBy === council.odsCode;
    const client = isCouncil ? councilClient : await tracePerson(recorder, person);
    const recorded = await recorder.post(`/v1/clients/${client}/consents`, { body: consent });
    id = textOf(required(recorded, [201], 'a consent').body, 'id');
  }
  if (!isWithdrawn) return;
  const withdrawn = await recorder.post(`/v1/consents/${id}/withdrawal`, {
    body: { reason: 'asked by the person' },
  });
  required(withdrawn, [200], 'a withdrawal');
}

/** 412: an interrupted load got as far as this. */
async function publishFirst(
  publisher: PartnerClient,
  client: string,
  recordType: string,
  record: unknown,
): Promise<void> {
  const reply = await publisher.put(`/v1/clients/${client}/records/${recordType}`, {
    headers: { 'if-none-match': '*' },
    body: record,
  });
  required(reply, [201, 412], `a first ${recordType}`);
}
