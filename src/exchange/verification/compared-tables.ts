/** The tables that are held against entries. */
import type { StateKind } from '../state-claim.ts';

/** Those of which entries name every row that they wrote. */
export const tableOf: Readonly<Record<StateKind, string>> = {
  ...{ consent: 'consents', override: 'overrides', fact: 'person_facts' },
  ...{ record: 'record_versions', message: 'messages' },
};

export const comparedTables: readonly string[] = [
  ...Object.values(tableOf),
  ...['participants', 'participant_certificates', 'participant_assertion_keys', 'endpoints'],
  ...['sharing_agreements', 'client_links', 'persons', 'person_names', 'person_identifiers'],
];
