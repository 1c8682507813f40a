import type { HttpSettings } from './http-settings.ts';

/** Lets so many requests run and so many more wait. */
export interface Throttle {
  /** Runs the work now or when its turn comes; false, at once, when too many wait already. */
  run(work: () => Promise<void>): Promise<boolean>;
}

/**
 * Makes what Azure's host puts in front of everything but `/admin` when one of the limits is set
 * (HttpThrottleMiddleware.cs and HttpRequestQueue.cs of azure-functions-host): the outstanding
 * requests are those that run and those that wait.
 */
export function makeThrottle({
  maxOutstandingRequests = Infinity,
  maxConcurrentRequests = Infinity,
}: Pick<HttpSettings, 'maxOutstandingRequests' | 'maxConcurrentRequests'>): Throttle {
  const waiting: (() => void)[] = [];
  let running = 0;

  return {
    run: async (work) => {
      if (running + waiting.length >= maxOutstandingRequests) return false;
      // Whoever ends hands its place on, so that nobody slips in between.
      if (running >= maxConcurrentRequests) await new Promise<void>((go) => waiting.push(go));
      else running += 1;
      try {
        await work();
      } finally {
        const next = waiting.shift();
        if (next === undefined) running -= 1;
        else next();
      }
      return true;
    },
  };
}
