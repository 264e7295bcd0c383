/**
 * The header fields of every answer, by helmet's settings for an interface that no browser is meant to show:
 * nothing may be loaded, framed or sniffed from an answer, and nothing of its address is passed on.
 */
import helmet, { type FastifyHelmetOptions } from '@fastify/helmet';
import fastify from 'fastify';

const settings: FastifyHelmetOptions = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  },
  strictTransportSecurity: { maxAge: 31_536_000, includeSubDomains: false },
  xFrameOptions: { action: 'deny' },
  referrerPolicy: { policy: 'no-referrer' },
  crossOriginResourcePolicy: { policy: 'same-origin' },
  // for documents and old browsers' plug-ins, of which there are none
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
};

/**
 * Helmet's answer, asked for once: they never change, and composing them for each request anew costs as much as
 * the consent decision.
 */
export async function standingHeaders(): Promise<Readonly<Record<string, string>>> {
  const probe = fastify();
  await probe.register(helmet, settings);
  probe.get('/', (_request, reply) => reply.send(reply.raw.getHeaders()));
  const answer = await probe.inject('/');
  await probe.close();
  return answer.json<Record<string, string>>();
}
