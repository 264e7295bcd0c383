/**
 * What one would write first: the same door, the same decision and the same event as the gateway, but each
 * request reads by itself and commits an audit row of its own, over a pool of ten connections. It has no
 * serial order, so it does not promise what the gateway promises.
 */

import { randomBytes, randomUUID } from 'node:crypto';
import fastify from 'fastify';
import { defaultDoorLimits } from '../../src/api/door-limits.ts';
import { createExchangeDoor } from '../../src/api/exchange-door.ts';
import { systemClock } from '../../src/clock.ts';
import { type Database, openDatabase } from '../../src/database/database.ts';
import { formatContentDigest } from '../../src/encoding/content-digest.ts';
import { actorOf, type RequestContext } from '../../src/exchange/caller.ts';
import { considerPull, type PullSubject } from '../../src/exchange/considered-pull.ts';
import { releaseRecord } from '../../src/exchange/released-record.ts';
import { type Standing, standingReader } from '../../src/exchange/standing.ts';
import { commitment, formatLeaf, leafClasses } from '../../src/ledger/leaf.ts';
import { eventPayload, ledgerEvent } from '../../src/ledger/ledger-event.ts';
import { getHead } from '../../src/ledger/ledger-store.ts';
import { admit } from '../../src/participants/register.ts';
import { serverTlsOptions } from '../../src/pki/server-tls-options.ts';
import { leafHash } from '../../src/tlog/merkle-hash.ts';
import { schemas } from '../support/local-exchange.ts';
import { performOrders } from '../support/orders.ts';
import { findNaiveRow, insertAudit, type NaiveRow } from './naive-store.ts';

export interface NaiveOrder {
  certificate: string;
  privateKey: string;
  clientCa: string;
  url: string;
  /** 32 bytes, base64. */
  macKey: string;
}

function subjectOf(row: NaiveRow, standing: Standing, at: number): PullSubject {
  const { person_id: personId, state_version: stateVersion } = row;
  const participant = standing.register.participants.get(row.organisation);
  if (!participant) throw new Error('the caller is not in the register');
  const recordedBy = row.custodian;
  return {
    standing,
    participant,
    at,
    link: {
      client: row.client,
      organisation: row.organisation,
      personId,
      stateVersion,
      tracedAt: row.traced_at?.getTime() ?? null,
      relationship: row.relationship,
    },
    dossier: {
      personId,
      stateVersion,
      birthDate: row.birth_date,
      facts: row.facts ?? [],
      consents: (row.consents ?? []).map((consent) => ({
        ...consent,
        personId,
        recordedBy,
        recordedAt: new Date(at),
      })),
      overrides: [],
      records: [
        {
          personId,
          recordType: row.record_type,
          custodian: row.custodian,
          version: row.version,
          schema: row.schema,
          asAt: row.as_at,
          digest: row.digest,
          sections: row.sections,
          outline: row.outline,
          retractionReason: row.retraction_reason,
        },
      ],
    },
    schema: schemas.get(row.record_type),
  };
}

async function pull(
  database: Database,
  standing: Standing,
  macKey: Buffer,
  context: RequestContext,
  asked: { client: string; recordType: string; purpose: string },
) {
  const row = await findNaiveRow(database, asked.client, asked.recordType);
  if (!row) throw new Error('no such person');
  const at = systemClock.now().getTime();
  const subject = subjectOf(row, standing, at);
  const request = {
    ...asked,
    context,
    sections: undefined,
    custodian: undefined,
    ifNoneMatch: [],
  };
  const considered = considerPull(request, subject);
  if (considered.kind !== 'granted') throw new Error('the decision was no');
  const { record, decided } = considered;
  const { body, etag } = releaseRecord(macKey, request, subject, record, decided);
  const { reasonCodes, consentUsed, ...decision } = decided.decision;
  const event = ledgerEvent({
    ...actorOf(context.caller),
    action: 'record.disclosed',
    outcome: 'permitted',
    person: row.person_id,
    recordType: record.recordType,
    custodian: record.custodian,
    request: context.requestId,
    purpose: asked.purpose,
    reasonCodes,
    digest: formatContentDigest(body),
    decision: {
      ...decision,
      consentUsed: { id: consentUsed ?? null, version: 1 },
      agreement: { id: decided.agreement.id, version: decided.agreement.version },
    },
    particulars: { schema: record.schema, version: record.version, notModified: false },
  });
  const key = randomBytes(32);
  const payload = eventPayload(event, randomUUID(), at);
  const leaf = formatLeaf({
    leafClass: leafClasses.event,
    id: randomBytes(16),
    commitment: commitment(key, payload),
  });
  const index = await insertAudit(database, [
    new Date(at),
    event.action,
    event.outcome,
    event.organisation,
    event.person,
    event.recordType,
    leafHash(leaf),
    key,
    payload,
  ]);
  return { body, etag, index };
}

await performOrders(async (order: NaiveOrder) => {
  const { certificate, privateKey, clientCa, url } = order;
  const macKey = Buffer.from(order.macKey, 'base64');
  const database = openDatabase({ url, max: 10 });
  const standing = await standingReader()(database, await getHead(database));
  const clientAuthorities = [clientCa];
  const door = createExchangeDoor({
    tls: serverTlsOptions({
      mode: 'intermediate',
      certificate,
      privateKey,
      clientAuthorities,
    }),
    limits: defaultDoorLimits,
    clock: systemClock,
    admit({ fingerprint256 }) {
      const entry = admit(standing.register, fingerprint256);
      return entry.kind === 'refused'
        ? entry
        : { kind: 'admitted', odsCode: entry.participant.odsCode, system: entry.system };
    },
    isOpen: () => ({ open: true }),
    onRefused() {},
    onUnreadable() {},
    onUnspoken() {},
  });
  const { serverFactory, clientErrorHandler } = door;
  const app = fastify({ https: null, serverFactory, clientErrorHandler });
  app.get<{ Params: { client: string; recordType: string } }>(
    '/v1/clients/:client/records/:recordType',
    async ({ params, headers, raw }, reply) => {
      const { odsCode, system, fingerprint256 } = door.peerOf(raw.socket);
      const caller = { odsCode, system, fingerprint256, assertion: undefined };
      const context = { caller, requestId: randomUUID() };
      const asked = { ...params, purpose: String(headers['purpose-of-use']) };
      const { body, etag, index } = await pull(database, standing, macKey, context, asked);
      return reply
        .header('content-type', 'application/json; charset=utf-8')
        .header('x-request-id', context.requestId)
        .header('etag', etag)
        .header('ledger-index', String(index))
        .send(body);
    },
  );
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  return { port: Number(new URL(address).port) };
});
