/** `jetway endpoint set` and `remove`: where a participant takes deliveries. */
import { isIP } from 'node:net';
import { loadConfig } from '../config/load-config.ts';
import { parseAnchors, parseEndpointUrl } from '../participants/endpoint.ts';
import { removeEndpoint, setEndpoint } from '../participants/set-endpoint.ts';
import { isForbiddenAddress } from '../relay/endpoint-address.ts';
import { loadSchemas, reportResult, withLedger } from './administration.ts';
import { parseOptionsOf, required, UsageError } from './arguments.ts';
import type { Command } from './command.ts';
import { OperatorError, readTextFile } from './operator-error.ts';

export const endpointSetCommand: Command = {
  name: 'endpoint set',
  summary: 'say where a participant takes deliveries',
  usage: `jetway endpoint set CODE --url URL --anchors FILE [--record-types TYPES]

Deliveries for the participant are posted there from now on; without an endpoint they wait in its inbox.
What waits in the inbox already stays there. The gateway dials nothing but this URL, follows no redirect, and
refuses private and loopback addresses unless JETWAY_ALLOW_PRIVATE_ENDPOINTS is true.

  CODE                   ODS code of a participant, for example X81001
  --url URL              https, the host's name as it stands in its certificate
  --anchors FILE         certificates of the authorities that may vouch for it, PEM
  --record-types TYPES   record and message types by commas; all when left out

Exit code: 0 done or nothing to do, 1 refused, 2 the arguments cannot be used.`,
  async run(args, io) {
    const { subject: odsCode, values } = parseOptionsOf(args, 'CODE', {
      url: { type: 'string' },
      anchors: { type: 'string' },
      'record-types': { type: 'string' },
    });
    const { href: url, hostname } = parseEndpointUrl(required(values.url, '--url'));
    const anchors = parseAnchors(await readTextFile(required(values.anchors, '--anchors')));
    const recordTypes = recordTypesOf(values['record-types']);
    const { push } = loadConfig(io.env);
    if (!push) {
      throw new OperatorError(
        'this gateway pushes nothing: set JETWAY_CLIENT_CERTIFICATE_FILE, JETWAY_CLIENT_KEY_FILE and JETWAY_SIGNING_KEY_FILE first',
      );
    }
    const address = hostname.replace(/^\[|\]$/g, '');
    if (
      isIP(address) !== 0 &&
      isForbiddenAddress(address, { allowsPrivate: push.allowsPrivateAddresses })
    ) {
      throw new OperatorError(`the gateway never dials ${address}: see docs/endpoints.md`);
    }
    const result = await withLedger(io.env, ({ ledger, operator }) =>
      setEndpoint(ledger, { odsCode, url, anchors, recordTypes }, operator),
    );
    return reportResult(result, `endpoint of ${odsCode}`, io);
  },
};

export const endpointRemoveCommand: Command = {
  name: 'endpoint remove',
  summary: 'take a participant’s endpoint away: its deliveries go to its inbox',
  usage: `jetway endpoint remove CODE

What waits to be pushed there goes to the participant's inbox within seconds.

  CODE   ODS code of a participant

Exit code: 0 done or nothing to do, 1 refused, 2 the arguments cannot be used.`,
  async run(args, io) {
    const { subject: odsCode } = parseOptionsOf(args, 'CODE', {});
    const result = await withLedger(io.env, ({ ledger, operator }) =>
      removeEndpoint(ledger, odsCode, operator),
    );
    return reportResult(result, `endpoint of ${odsCode}`, io);
  },
};

/** Throws where the gateway has no schema for one: it would never be delivered there. */
function recordTypesOf(text: string | undefined): ReadonlySet<string> | undefined {
  if (text === undefined) return undefined;
  const known = loadSchemas().recordTypes;
  const named = text.split(',').map((type) => type.trim());
  const unknown = named.find((type) => !known.includes(type));
  if (unknown !== undefined) {
    throw new UsageError(`--record-types: there is no ${unknown}; there are ${known.join(', ')}`);
  }
  return new Set(named);
}
