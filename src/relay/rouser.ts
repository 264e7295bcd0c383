/** Somebody who sleeps until there is something to do, or for so long at the most. A call while awake counts. */
export class Rouser {
  #isRoused = false;
  #resume: (() => void) | undefined;

  rouse(): void {
    this.#isRoused = true;
    this.#resume?.();
  }

  async wait(longestMs: number): Promise<void> {
    if (!this.#isRoused) {
      await new Promise<void>((resume) => {
        const timer = setTimeout(resume, longestMs);
        timer.unref();
        this.#resume = () => {
          clearTimeout(timer);
          resume();
        };
      });
      this.#resume = undefined;
    }
    this.#isRoused = false;
  }
}
