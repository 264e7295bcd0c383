/**
 * The guard against a document about somebody else: under the lock, what it says of its person is held against
 * the person behind the client id, before anything of it is stored.
 *
 * The answer should tell a publisher nothing that it does not know: its trace confirmed a number, the birth date and
 * a name. It might guess at another number of a person with several (a CHI number is the birth date and a few digits
 * more), or, with a number of which the person has none, at who else is registered: there mismatches are limited as
 * failed traces are.
 */
import { countFailedTrace, findFailedTraces, hourOf } from '../clients/failed-trace-store.ts';
import {
  findPersonsByIdentifiers,
  getIdentity,
  type HeldIdentity,
  type Identifier,
} from '../clients/person-store.ts';
import type { Queryable } from '../database/queryable.ts';
import { keyedDigest } from '../encoding/opaque-token.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import type { PersonClaim } from '../records/person-claim.ts';
import { findPersonMismatch } from '../records/person-mismatch.ts';
import type { RecordDocument } from '../records/record-document.ts';
import type { Exchange } from './exchange.ts';
import type { WriteScope } from './perform-write.ts';

/**
 * The refusal, or nothing where the document may be about the person. It is not thrown: a mismatch that counts
 * must not be undone.
 */
export async function refuseOtherPerson(
  exchange: Pick<Exchange, 'identitySchemes' | 'limits' | 'macKey'>,
  { tx, moment }: WriteScope,
  { person: claim }: Pick<RecordDocument, 'person'>,
  { organisation, personId }: { organisation: string; personId: string },
): Promise<GatewayError | undefined> {
  if (!claim || (claim.identifiers.length === 0 && claim.birthDates.length === 0)) return undefined;
  const held = await getIdentity(tx, personId);
  const unheld = unheldNumbers(claim, held);
  const hour = hourOf(moment.at);
  const scope = `mismatch ${keyedDigest(exchange.macKey, 'mismatch', organisation, personId)}`;
  const isLimited = unheld.length > 0 || mayGuess(exchange, claim, held);
  if (isLimited) {
    const failures = await findFailedTraces(tx, [scope], hour);
    if ((failures.get(scope) ?? 0) >= exchange.limits.failedTracesPerHour) {
      return new GatewayError('PERSON_MISMATCH', {
        detail: 'Too many documents did not fit this person. Nothing was compared: wait an hour.',
        reasonCodes: ['PERSON_MISMATCH', 'MISMATCH_LIMIT_REACHED'],
      });
    }
  }
  const errors = findPersonMismatch(claim, held, organisation);
  if (errors.length === 0 && !(await areAnothers(tx, unheld))) return undefined;
  if (!isLimited) return new GatewayError('PERSON_MISMATCH', { errors });
  await countFailedTrace(tx, [scope], hour);
  return new GatewayError('PERSON_MISMATCH', { errors: [somewhere] });
}

/** National numbers of which the person has none: they are nobody's, as far as is known here, or somebody else's. */
function unheldNumbers(claim: PersonClaim, held: HeldIdentity): readonly Identifier[] {
  return claim.identifiers.filter(
    ({ scope, system }) =>
      scope === 'national' && !held.identifiers.some((one) => one.system === system),
  );
}

/** A recipient would file the document under that person, whose consent nobody has looked at. */
async function areAnothers(tx: Queryable, unheld: readonly Identifier[]): Promise<boolean> {
  return unheld.length > 0 && (await findPersonsByIdentifiers(tx, unheld)).length > 0;
}

/** Where it can be guessed at, one document is one guess: which of its numbers is wrong is not told. */
const somewhere = {
  pointer: '/sections',
  rule: 'person',
  detail: 'must be about the person whose client id it is sent under',
};

function mayGuess(
  { identitySchemes }: Pick<Exchange, 'identitySchemes'>,
  claim: PersonClaim,
  held: HeldIdentity,
): boolean {
  const national = held.identifiers.filter(({ system }) => identitySchemes.findNational(system));
  return national.length > 1 && claim.identifiers.some(({ scope }) => scope === 'national');
}
