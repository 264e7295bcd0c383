/**
 * The partners' interface over HTTP: the exchange door in front, Fastify as router and body reader, the
 * route table behind. Connection-level refusals, strict HTTP and the check of every request's certificate
 * are the door's (exchange-door.ts); nothing reaches these hooks but through it.
 */
import type { ServerResponse } from 'node:http';
import type { Server } from 'node:https';
import fastify, { type FastifyInstance } from 'fastify';
import { GatewayError } from '../errors/gateway-error.ts';
import { answerOrRecord } from './answer-or-record.ts';
import type { ExchangeDoor } from './exchange-door.ts';
import { exchangeRoutes, type RouteDeps } from './exchange-routes.ts';
import { ownError } from './framework-error.ts';
import { limitRates } from './rate-limit.ts';
import { allowedMethods, requestFault } from './request-fault.ts';
import { requestIdOf } from './request-ids.ts';
import { type IntakeDeps, requestIntake } from './request-intake.ts';
import { pathOf, searchOf } from './request-target.ts';
import type { Route } from './route.ts';
import { routerPattern } from './route-pattern.ts';
import { sendAnswer } from './send-answer.ts';
import { type ProblemReports, problemSender } from './send-problem.ts';
import { standingHeaders } from './standing-headers.ts';

export interface ExchangeServerDeps extends RouteDeps, IntakeDeps, ProblemReports {
  door: Pick<ExchangeDoor, 'serverFactory' | 'clientErrorHandler' | 'peerOf'>;
  limits: {
    maxBodyBytes: number;
    /** Answered at the same time, all partners together. */
    maxInFlight: number;
    /** Of one certificate; 0 sets no limit. */
    requestsPerMinute: number;
  };
}

/** RFC 6839 section 3.1. */
const structuredJson = /^application\/[\w.+-]+\+json(?:\s*;|$)/i;
const noBody = new Uint8Array();
const noQuery = Object.freeze({});
/** Beyond any header: a long id is not found like any other. */
const maxParamLength = 65_536;
const bodyLimitWhereNone = 1_024;

/** Ready to listen. Closing it lets requests in flight finish. */
export async function createExchangeServer(
  deps: ExchangeServerDeps,
): Promise<FastifyInstance<Server>> {
  const { door, clock } = deps;
  const routes = exchangeRoutes(deps);
  const methodsOf = allowedMethods(routes);
  const intake = requestIntake({ ...deps, standingHeaders: await standingHeaders() });
  const sendProblem = problemSender(intake, deps);

  const app: FastifyInstance<Server> = fastify({
    https: null,
    serverFactory: door.serverFactory,
    clientErrorHandler: door.clientErrorHandler,
    genReqId: ({ headers }) => requestIdOf(headers),
    requestIdHeader: false,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    routerOptions: { maxParamLength, querystringParser: () => noQuery },
    // a path that is no UTF-8: it comes before all hooks
    frameworkErrors: (error, request, reply) => {
      sendProblem(intake.begin(request, reply) ?? ownError(error), request, reply);
    },
  });
  app.setErrorHandler((error, request, reply) => {
    sendProblem(ownError(error, request.routeOptions.bodyLimit), request, reply);
  });

  app.removeAllContentTypeParsers();
  for (const mediaType of ['application/json', structuredJson]) {
    app.addContentTypeParser(mediaType, { parseAs: 'buffer' }, (_request, body, done) =>
      done(null, body),
    );
  }

  app.addHook('onRequest', (request, reply, done) => done(intake.begin(request, reply)));
  await limitRates(app, door, deps.limits.requestsPerMinute);
  app.addHook('onRequest', (request, reply, done) => {
    if (!request.is404) return done();
    const methods = methodsOf(pathOf(request.url));
    if (methods.length === 0) return done(new GatewayError('ROUTE_NOT_FOUND'));
    reply.header('allow', methods.join(', '));
    done(new GatewayError('METHOD_NOT_ALLOWED'));
  });
  for (const route of routes) serve(route);
  return app;

  function serve(route: Route): void {
    app.route<{ Params: Record<string, string> }>({
      method: route.method,
      url: routerPattern(route.path),
      bodyLimit: route.body?.maxBytes ?? bodyLimitWhereNone,
      onRequest: ({ raw, url }, _reply, done) => done(requestFault(raw, route, searchOf(url))),
      handler: async (request, reply) => {
        const { headers, params, url, id, body, raw } = request;
        const sent = Buffer.isBuffer(body) ? body : noBody;
        const call = {
          peer: door.peerOf(raw.socket),
          requestId: id,
          parameters: params,
          search: searchOf(url),
          headers,
          body: sent,
          gone: () => goneSignal(reply.raw),
        };
        const answer = await answerOrRecord(deps, route, call);
        return sendAnswer(reply, answer, clock);
      },
    });
  }
}

function goneSignal(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  if (response.destroyed) gone.abort();
  else response.once('close', () => gone.abort());
  return gone.signal;
}
