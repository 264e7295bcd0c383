/** Those who wait for each other's company: all go on together at a word, or each alone after a while. */
export class Company {
  readonly #waiting = new Set<() => void>();

  rouse(): void {
    for (const resume of this.#waiting) resume();
  }

  wait(longestMs: number): Promise<void> {
    return new Promise((resolve) => {
      const resume = () => {
        clearTimeout(timer);
        this.#waiting.delete(resume);
        resolve();
      };
      const timer = setTimeout(resume, longestMs);
      this.#waiting.add(resume);
    });
  }
}
