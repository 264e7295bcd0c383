/**
 * Where a participant takes deliveries: set, changed and taken away by operators alone (OWASP API7:2023, server
 * side request forgery). What waits for a participant whose endpoint is taken away goes to its inbox.
 */
import {
  type AdministrativeResult,
  administered,
  administrativeEvent,
  declined,
} from '../ledger/administrative-act.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type Endpoint, isSameEndpoint } from './endpoint.ts';
import { deleteEndpoint, upsertEndpoint } from './endpoint-store.ts';
import { loadRegister } from './register-store.ts';

type Writer = Pick<Ledger, 'write'>;

/** Requires a URL and anchors that were read by endpoint.ts. */
export function setEndpoint(
  ledger: Writer,
  endpoint: Endpoint,
  operator: string,
): Promise<AdministrativeResult> {
  const { odsCode, url } = endpoint;
  return ledger.write(async (tx, { at, registerVersion }) => {
    const register = await loadRegister(tx, registerVersion);
    if (!register.participants.has(odsCode)) return declined('there is no such participant');
    const held = register.endpoints.get(odsCode);
    if (held && isUnchanged(held, endpoint)) return administered([]);
    await upsertEndpoint(tx, endpoint, new Date(at));
    const recordTypes = endpoint.recordTypes ? [...endpoint.recordTypes].sort() : null;
    const particulars = { odsCode, url, recordTypes, anchors: endpoint.anchors };
    return administered([administrativeEvent('endpoint.set', operator, particulars)]);
  });
}

export function removeEndpoint(
  ledger: Writer,
  odsCode: string,
  operator: string,
): Promise<AdministrativeResult> {
  return ledger.write(async (tx, { registerVersion }) => {
    const { participants } = await loadRegister(tx, registerVersion);
    if (!participants.has(odsCode)) return declined('there is no such participant');
    const wasThere = await deleteEndpoint(tx, odsCode);
    const event = administrativeEvent('endpoint.removed', operator, { odsCode });
    return administered(wasThere ? [event] : []);
  });
}

function isUnchanged(a: Endpoint, b: Endpoint): boolean {
  const types = ({ recordTypes }: Endpoint) => recordTypes && [...recordTypes].sort().join();
  return isSameEndpoint(a, b) && types(a) === types(b);
}
