/** A consent record as partners see it. */
import type { StoredConsent } from '../consent/consent-store.ts';

export function consentJson(consent: StoredConsent): Readonly<Record<string, unknown>> {
  const { id, version, document, recordedBy, recordedAt } = consent;
  return { id, version, ...document, recordedBy, recordedAt: recordedAt.toISOString() };
}
