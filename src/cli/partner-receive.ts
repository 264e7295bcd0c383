/** `jetway partner receive`: a partner's endpoint to try deliveries against, with bad manners on command. */
import { appendFileSync } from 'node:fs';
import { systemClock } from '../clock.ts';
import { takenPortMessage } from '../config/taken-port.ts';
import type { ReceivedDelivery } from '../partner/delivery-receiver.ts';
import { parseGatewayKey } from '../partner/gateway-key.ts';
import { manners, parseManners } from '../partner/manners.ts';
import type { Refusal } from '../partner/partner-endpoint.ts';
import { loadKeyFile } from '../pki/key-file.ts';
import { installShutdown } from '../shutdown.ts';
import { parseOptions, required, UsageError } from './arguments.ts';
import type { Command, CommandIo } from './command.ts';
import { OperatorError, readTextFile } from './operator-error.ts';

const known = manners.map(([name, does]) => `  ${name.padEnd(17)}  ${does}`);

const usage = `jetway partner receive --cert FILE --key FILE --client-ca FILE [--gateway-key FILE]
    [--port PORT] [--host ADDRESS] [--manners LIST] [--slow-ms MS] [--content] [--out FILE]

Listens as a partner's endpoint does, over mutual TLS, and takes what is posted to any path: checks digest and
signature, answers a repetition as one, and knows by the sequence what is out of date. Prints where it listens, and
a line for each delivery, taken or refused. Callers whose TLS handshake fails are told too, one a second of those
that fail alike. Nothing is kept but what --out names. Ctrl-C ends it.

  --cert FILE         the endpoint's certificate, and its issuers but for the root, PEM
  --key FILE          its private key, PEM, closed to others (chmod 600)
  --client-ca FILE    the authorities whose client certificates are taken: the gateway's, PEM
  --gateway-key FILE  the gateway's public key for deliveries, PEM or JWK; without it signatures are not judged
  --port PORT         any free one where it is left out
  --host ADDRESS      127.0.0.1 where it is left out
  --manners LIST      names with commas between, one a request, walked round and round; ok where it is left out
  --slow-ms MS        how long slow is; 2000 where it is left out
  --content           writes the content of deliveries too: personal data
  --out FILE          appends a line of JSON for each delivery taken; - writes them instead of the others

Manners:
${known.join('\n')}

Exit code: 0 it was asked to end, 1 it could not start, 2 the arguments cannot be used.`;

export const partnerReceiveCommand: Command = {
  name: 'partner receive',
  summary: 'an endpoint to try deliveries against, with bad manners on command',
  usage,
  async run(args, io) {
    const options = parseOptions(args, {
      ...{ cert: { type: 'string' }, key: { type: 'string' }, 'client-ca': { type: 'string' } },
      ...{ 'gateway-key': { type: 'string' }, port: { type: 'string' }, host: { type: 'string' } },
      ...{ manners: { type: 'string' }, 'slow-ms': { type: 'string' } },
      ...{ content: { type: 'boolean' }, out: { type: 'string' } },
    });
    const certFile = required(options.cert, '--cert');
    const keyFile = required(options.key, '--key');
    const caFile = required(options['client-ca'], '--client-ca');
    const { 'gateway-key': gatewayKeyFile, out: outFile, content: hasContent = false } = options;
    const port = wholeNumber(options.port ?? '0', '--port', 65_535);
    const slowMs = wholeNumber(options['slow-ms'] ?? '2000', '--slow-ms', 3_600_000);
    const chosen = asUsage('--manners', () => parseManners(options.manners ?? 'ok'));
    const tls = await tlsOf(certFile, keyFile, caFile);
    const gatewayKey =
      gatewayKeyFile === undefined ? undefined : await gatewayKeyOf(gatewayKeyFile);
    if (outFile !== undefined && outFile !== '-') append(outFile, '');
    // the other commands need none of it, and are quicker without it
    const { startPartnerEndpoint } = await import('../partner/partner-endpoint.ts');
    const endpoint = await startPartnerEndpoint({
      ...{ tls, gatewayKey, port, manners: chosen, slowMs, clock: systemClock },
      ...(options.host !== undefined && { host: options.host }),
      onReceived: (delivery) => report(delivery, { io, outFile, hasContent }),
      onRefused: (refusal) => (outFile === '-' ? io.err : io.out)(refusedLine(refusal)),
      onHandshakeFailed: ({ code, port: from }) =>
        io.err(`no handshake  ${code}, from port ${from ?? 'unknown'}`),
    }).catch((cause: unknown) => {
      const taken = takenPortMessage(cause, () => '--port');
      throw taken === undefined ? cause : new OperatorError(taken, { cause });
    });
    io.out(`listening on ${endpoint.url}`);
    installShutdown({
      stop: () => endpoint.stop(),
      telemetry: { observe: () => undefined, flush: () => undefined },
      clock: systemClock,
    });
    return 0;
  },
};

/** What TLS itself would only find at a handshake, with nobody able to connect. */
async function tlsOf(certFile: string, keyFile: string, caFile: string) {
  const { readCertificates, isKeyOf } = await import('./partner-certificates.ts');
  const certificate = await readCertificates(certFile);
  const loaded = loadKeyFile(keyFile);
  if (!isKeyOf(loaded, certificate, certFile)) {
    throw new OperatorError(`the key in ${keyFile} is not that of the certificate in ${certFile}`);
  }
  const clientAuthorities = [await readCertificates(caFile)];
  return { certificate, privateKey: loaded.pem, clientAuthorities };
}

/** Bad manners have not looked at the signature: whose it is, is not known. */
function refusedLine({ why, about }: Refusal): string {
  const what =
    about === undefined
      ? 'no delivery by its header fields'
      : `${about.delivery}  ${about.kind} ${about.type}, sequence ${about.sequence}`;
  return `${'refused'.padEnd(9)}  ${what}  (${why})`;
}

interface Reporting {
  io: CommandIo;
  outFile: string | undefined;
  hasContent: boolean;
}

function report(received: ReceivedDelivery, { io, outFile, hasContent }: Reporting): void {
  const { content, ...rest } = received;
  const line = JSON.stringify(hasContent ? { ...rest, content: content.toString() } : rest);
  if (outFile === '-') {
    io.out(line);
    return;
  }
  if (outFile !== undefined) append(outFile, `${line}\n`);
  const { status, delivery, kind, type, sequence, proof } = received;
  const verdict = proof === null ? 'signature not judged' : 'signature verified';
  io.out(`${status.padEnd(9)}  ${delivery}  ${kind} ${type}, sequence ${sequence}, ${verdict}`);
  if (hasContent) io.out(content.toString());
}

function append(path: string, text: string): void {
  try {
    appendFileSync(path, text, { mode: 0o600 });
  } catch (cause) {
    throw new OperatorError(`${path} cannot be written`, { cause });
  }
}

async function gatewayKeyOf(file: string) {
  const text = await readTextFile(file);
  try {
    return parseGatewayKey(text);
  } catch (error) {
    throw new OperatorError(`${file}: ${error instanceof Error ? error.message : 'unusable'}`);
  }
}

function asUsage<Value>(option: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    throw new UsageError(`${option}: ${error instanceof Error ? error.message : 'unusable'}`);
  }
}

function wholeNumber(text: string, option: string, max: number): number {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number <= max)) throw new UsageError(`${option} must be a whole number up to ${max}`);
  return number;
}
