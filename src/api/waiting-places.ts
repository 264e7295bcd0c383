/**
 * How many requests of one organisation may wait for news at the same time. They keep their places among the
 * requests in flight (request-intake.ts), so these are few: waiting must not crowd out an organisation's own
 * pulls. Whoever finds none is answered at once.
 */
export interface WaitingPlaces {
  /** Gives the place back; undefined where there is none. */
  take(odsCode: string): (() => void) | undefined;
}

const placesEach = 4;

export function waitingPlaces(each = placesEach): WaitingPlaces {
  const taken = new Map<string, number>();
  return {
    take(odsCode) {
      const own = taken.get(odsCode) ?? 0;
      if (own >= each) return undefined;
      taken.set(odsCode, own + 1);
      return () => {
        const left = (taken.get(odsCode) ?? 1) - 1;
        if (left > 0) taken.set(odsCode, left);
        else taken.delete(odsCode);
      };
    },
  };
}
