/** What every variant of the engine is given to do. */

/** Orchestrations, so many at once, each of a number of activities one after another. */
export interface Workload {
  readonly orchestrations: number;
  readonly atOnce: number;
  readonly steps: number;
}

export interface WorkloadResult {
  /** From the first start to the last end, milliseconds. */
  readonly took: number;
  /** Milliseconds from the begin of an activity to the begin of the next one. */
  readonly gaps: readonly number[];
}

/**
 * Runs a workload to its end.
 * @param run starts one orchestration and answers its output: when each of its activities began
 */
export async function runWorkload(
  { orchestrations, atOnce, steps }: Workload,
  run: (steps: number) => Promise<readonly number[]>,
  onProgress: (done: number) => void = () => undefined,
): Promise<WorkloadResult> {
  const gaps: number[] = [];
  let left = orchestrations;
  let done = 0;
  const began = performance.now();
  const work = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const begun = await run(steps);
      if (begun.length !== steps) throw new Error(`${begun.length} of ${steps} activities ran.`);
      for (const [at, time] of begun.slice(1).entries()) gaps.push(time - (begun[at] ?? time));
      done += 1;
      if (done % 50 === 0) onProgress(done);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return { took: performance.now() - began, gaps };
}
