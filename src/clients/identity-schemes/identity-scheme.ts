/**
 * What a way of identifying people must answer, so that a deployment can add its own: the system that
 * names it (FHIR Identifier.system), whether a value is one of its numbers, how people read it. Pure.
 */

/** Which check failed, never with what. */
export type IdentityRule = 'format' | 'check-digit' | 'repeated-digits' | 'range' | 'birth-date';

/** `detail` is one clause for the partner: what is expected, made of the scheme alone. */
export interface IdentityRefusal {
  rule: IdentityRule;
  detail: string;
}

export type IdentityVerdict = { ok: true; value: string } | ({ ok: false } & IdentityRefusal);

export interface IdentityScheme {
  readonly name: string;
  /** The URI that stands in `identifier.system`. */
  readonly system: string;
  /** Other names in use for the same numbers, an OID for example: nobody's local ids, and refused in documents. */
  readonly otherSystems: readonly string[];
  /**
   * `national`: one value is one person, whoever says it. `organisation`: only where the organisation that
   * issued it is known too; the same value from another organisation is somebody else.
   */
  readonly scope: 'national' | 'organisation';
  /** Peer-controlled input. `value` is the one normalised form: equal values are equal strings. */
  validate(value: string): IdentityVerdict;
  /** For people to read. Requires a normalised value. */
  format(value: string): string;
}

/**
 * How the register of clients calls the system: a local number means nothing outside the organisation that
 * gave it.
 */
export function heldSystem(
  { scope, system }: Pick<IdentityScheme, 'scope' | 'system'>,
  organisation: string,
): string {
  return scope === 'organisation' ? `${system}#${organisation}` : system;
}

export function accepted(value: string): IdentityVerdict {
  return { ok: true, value };
}

export function refused(refusal: IdentityRefusal): IdentityVerdict {
  return { ok: false, ...refusal };
}
