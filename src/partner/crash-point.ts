/** Where a consumer is made to die on command, so that partners can test their own recovery and the gateway's. */

export const crashPoints = ['read', 'handed-over', 'acknowledged'] as const;
export type CrashPoint = (typeof crashPoints)[number];

/** Called as each point is passed. A real crash never returns. */
export type Passing = (point: CrashPoint) => void;
