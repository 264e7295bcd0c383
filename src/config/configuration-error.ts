/** What is wrong with a configuration, all of it at once: the process does not start before it is mended. */
export interface ConfigurationFault {
  /** The variable's name. */
  setting: string;
  /** Never the value: it may be a secret in the wrong place. */
  problem: string;
  remedy: string;
}

export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly faults: readonly ConfigurationFault[];

  constructor(faults: readonly ConfigurationFault[]) {
    const lines = faults.map(
      ({ setting, problem, remedy }) => `  ${setting}: ${problem}; ${remedy}`,
    );
    super(
      `the configuration has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}\n${lines.join('\n')}`,
    );
    this.faults = faults;
  }
}
