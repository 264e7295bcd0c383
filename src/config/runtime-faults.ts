/**
 * Switches of Node itself, set from outside, that would undo the gateway's TLS policy or write its keys and
 * its memory to disk (Node.js manual, Command-line API). They are refused, not overridden.
 */
import type { ConfigurationFault } from './configuration-error.ts';

const unsafeOption =
  /^--(tls-min-v1\.[01]|tls-max-v1\.2|tls-cipher-list|tls-keylog|openssl-legacy-provider|openssl-config|insecure-http-parser|inspect|inspect-brk|inspect-wait|heapsnapshot-signal|heapsnapshot-near-heap-limit|heap-prof|report-on-fatalerror|report-uncaught-exception|report-on-signal)(=|$)/;

export function runtimeFaults(
  environment: Readonly<Record<string, string | undefined>>,
): ConfigurationFault[] {
  const faults: ConfigurationFault[] = [];
  if (environment['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
    const problem = 'is 0, so no certificate would be checked';
    faults.push({ setting: 'NODE_TLS_REJECT_UNAUTHORIZED', problem, remedy: 'remove it' });
  }
  for (const option of (environment['NODE_OPTIONS'] ?? '').split(/\s+/)) {
    // Node takes an underscore for a hyphen.
    const name = /^[^=]*/.exec(option.replaceAll('_', '-'))?.[0] ?? '';
    if (unsafeOption.test(name)) {
      faults.push({ setting: 'NODE_OPTIONS', problem: `holds ${name}`, remedy: 'remove it' });
    }
  }
  return faults;
}
