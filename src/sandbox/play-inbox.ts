/** How the play's partners take what they are sent: from their inbox, or at their endpoint. */
import { setTimeout as delay } from 'node:timers/promises';
import type { PartnerClient, Reply } from '../partner/partner-client.ts';
import { listOf, memberOf, textOf } from '../partner/reply-members.ts';
import type { Stage } from './play-steps.ts';
import type { SandboxEndpoint } from './sandbox-endpoint.ts';
import { required } from './sandbox-partners.ts';

const attempts = 100;
const pauseMs = 100;
const pageLength = 200;

/** As soon as it is there; undefined where it does not come within seconds. */
export async function awaited<Value>(
  look: () => Promise<Value | undefined>,
): Promise<Value | undefined> {
  for (let i = 0; i < attempts; i += 1) {
    const found = await look();
    if (found !== undefined) return found;
    await delay(pauseMs);
  }
  return undefined;
}

/** Every id in the inbox, oldest first. */
async function inboxOf(partner: PartnerClient): Promise<readonly string[]> {
  const ids: string[] = [];
  let after = '';
  do {
    const path = `/v1/inbox?limit=${pageLength}${after && `&after=${after}`}`;
    const { body } = required(await partner.get(path), [200], 'an inbox');
    ids.push(...listOf(body, 'deliveries').map((entry) => textOf(entry, 'id')));
    after = textOf(body, 'next');
  } while (after !== '');
  return ids;
}

export interface Taking {
  who: string;
  /** What it reads and acknowledges. */
  what: string;
  id: string;
  tell(read: unknown): string;
}

/** Reading and acknowledging, as one step: the ledger has an entry for each. */
export async function takeFromInbox(
  stage: Stage,
  partner: PartnerClient,
  { who, what, id, tell }: Taking,
): Promise<void> {
  let read: Reply | undefined;
  const does = `reads ${what} in its inbox, acknowledges it`;
  await stage.step({ who, does, status: 200, tell: () => tell(read?.body) }, async () => {
    read = await partner.get(`/v1/inbox/${id}`);
    stage.note(read);
    if (read.status !== 200) return read;
    return partner.post(`/v1/inbox/${id}/acknowledgement`, { body: {} });
  });
}

/** What came in while `act` ran: one thing, or nothing that can be read. */
export async function arrivalDuring(
  partner: PartnerClient,
  act: () => Promise<unknown>,
): Promise<string> {
  const before = new Set(await inboxOf(partner));
  await act();
  return (await inboxOf(partner)).find((id) => !before.has(id)) ?? 'nothing-came';
}

/** An endpoint says of itself what it was pushed; the ledger's entry is that of the authorisation. */
export async function bePushed(
  stage: Stage,
  endpoint: SandboxEndpoint,
  { what, id }: { what: string; id: string },
): Promise<void> {
  const came = await awaited(async () => endpoint.received.find(({ delivery }) => delivery === id));
  const sections = came && Object.keys(Object(memberOf(parsed(came.content), 'sections'))).length;
  const { odsCode: who } = endpoint;
  await stage.step(
    {
      ...{ who, does: `is pushed ${what}`, status: 200 },
      tell: () =>
        `${came?.kind} ${came?.type}, ${sections} sections, sequence ${came?.sequence}; digest and signature verified`,
    },
    async () => ({
      // without the gateway's signature it would have been refused
      status: came?.proof ? 200 : 0,
      body: undefined,
      etag: undefined,
      preferenceApplied: undefined,
      ledgerIndex: came?.ledgerIndex ?? undefined,
    }),
  );
}

function parsed(content: Buffer): unknown {
  return JSON.parse(content.toString());
}
