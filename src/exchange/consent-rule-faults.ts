/**
 * What a schema cannot see in a consent: names that must exist. A refusal that names a section which is
 * none would silently withhold nothing.
 */
import type { ConsentRequest } from '../consent/consent-record.ts';
import type { ConsentRule } from '../consent/decision.ts';
import { type Fault, GatewayError } from '../errors/gateway-error.ts';
import type { SchemaRegistry } from '../records/schema-registry.ts';

/** Throws REQUEST_INVALID with what is wrong where. */
export function checkConsentRules(
  schemas: SchemaRegistry,
  { period, rules }: ConsentRequest,
  isAttested: boolean,
): void {
  const faults = rules.flatMap((rule, i) => ruleFaults(schemas, rule, `/rules/${i}`, isAttested));
  if (period.end && Date.parse(period.end) <= Date.parse(period.start)) {
    faults.push({ pointer: '/period/end', rule: 'order', detail: 'must be after the start' });
  }
  if (faults.length > 0) throw new GatewayError('REQUEST_INVALID', { errors: faults });
}

function ruleFaults(
  schemas: SchemaRegistry,
  rule: ConsentRule,
  pointer: string,
  isAttested: boolean,
): Fault[] {
  const faults: Fault[] = [];
  const types = (rule.recordTypes ?? schemas.recordTypes).map((type) => schemas.find(type));
  rule.recordTypes?.forEach((_, i) => {
    const at = `${pointer}/recordTypes/${i}`;
    const known = types[i];
    if (!known) faults.push({ pointer: at, rule: 'known', detail: 'must be a record type' });
    if (known?.explicitOnly && isAttested) {
      const detail = 'must not need consent that names it: an attestation never covers it';
      faults.push({ pointer: at, rule: 'attestation', detail });
    }
  });
  rule.sections?.forEach((section, i) => {
    const isKnown = types.some((type) => type?.sections.some(({ name }) => name === section));
    if (isKnown) return;
    const detail = 'must be a section of the record types named';
    faults.push({ pointer: `${pointer}/sections/${i}`, rule: 'known', detail });
  });
  return faults;
}
