/** What the HTTP framework refuses by itself, in the project's own codes. */
import { GatewayError } from '../errors/gateway-error.ts';

/** The framework's codes that are not simply a malformed request. */
const translations: Readonly<Record<string, 'BODY_TOO_LARGE' | 'MEDIA_TYPE_UNSUPPORTED'>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'MEDIA_TYPE_UNSUPPORTED',
};

/**
 * The same thing where it is not the framework's refusal of a request, but an error of ours. `bodyLimit` of
 * the call, in bytes.
 */
export function ownError(thrown: unknown, bodyLimit?: number): unknown {
  if (thrown instanceof GatewayError || !(thrown instanceof Error)) return thrown;
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
  const translated = translations[code];
  if (translated === 'BODY_TOO_LARGE' && bodyLimit !== undefined) {
    return new GatewayError(translated, {
      detail: `The body of this call may have ${bodyLimit} bytes at most.`,
    });
  }
  if (translated !== undefined) return new GatewayError(translated);
  // The framework marks faults of the request, a body that broke off included, with a 4xx status.
  const status = 'statusCode' in thrown ? Number(thrown.statusCode) : 500;
  return status >= 400 && status < 500 ? new GatewayError('REQUEST_MALFORMED') : thrown;
}
