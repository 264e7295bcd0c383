/** `jetway endpoint list`: where participants take deliveries. */
import { loadEndpoints } from '../participants/endpoint-store.ts';
import { withDatabase } from './administration.ts';
import { parseOptions } from './arguments.ts';
import type { Command } from './command.ts';
import { showList } from './listing.ts';

export const endpointListCommand: Command = {
  name: 'endpoint list',
  summary: 'list where participants take deliveries',
  usage: `jetway endpoint list [--json]

One line an endpoint: the participant, its URL, the types that go there. Who is not listed has an inbox.

  --json   one JSON array instead, with the anchors

Exit code: 0, 1 it could not be read, 2 the arguments cannot be used.`,
  async run(args, io) {
    const { json } = parseOptions(args, { json: { type: 'boolean', default: false } });
    const endpoints = [...(await withDatabase(io.env, loadEndpoints)).values()];
    const shown = endpoints.map(({ odsCode, url, anchors, recordTypes }) => {
      return { odsCode, url, recordTypes: recordTypes ? [...recordTypes] : null, anchors };
    });
    showList(io, shown, {
      isJson: json,
      asJson: (endpoint) => endpoint,
      asLines: ({ odsCode, url, recordTypes }) => [
        `${odsCode}  ${url}  ${recordTypes?.join(', ') ?? 'every type'}`,
      ],
      none: 'there is no endpoint',
    });
    return 0;
  },
};
