/** Failures as lines for the operator: what is wrong and where, and no stack unless it was asked for. */
import { readFile } from 'node:fs/promises';
import { errorText } from '../errors/error-text.ts';
import { type Fault, GatewayError } from '../errors/gateway-error.ts';

/** Something outside the program is not as it must be; the message says what to do. */
export class OperatorError extends Error {
  override readonly name = 'OperatorError';
  /** Each place in a file where something is wrong. */
  readonly faults: readonly Fault[];

  constructor(message: string, options: ErrorOptions & { faults?: readonly Fault[] } = {}) {
    super(message, options);
    this.faults = options.faults ?? [];
  }
}

export async function readTextFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new OperatorError(`${path} cannot be read; does it exist, and may you read it?`, {
      cause,
    });
  }
}

/** One line for the error and one for each fault that it names. */
export function errorLines(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return ['something was thrown that is no error'];
  const message = errorText(error);
  const cause =
    error.cause instanceof Error ? errorLines(error.cause).map((line) => `  ${line}`) : [];
  if (error instanceof OperatorError) return [message, ...faultLines(error.faults)];
  const faults = error instanceof GatewayError ? faultLines(error.errors ?? []) : [];
  return [message, ...faults, ...cause];
}

/** One line for each fault in a document. */
export function faultLines(faults: readonly Fault[]): readonly string[] {
  return faults.map(
    ({ pointer, rule, detail }) => `  ${pointer || '(the whole document)'}: ${detail} (${rule})`,
  );
}
