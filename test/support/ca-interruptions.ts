/** What comes between the calls of a test: what others do, and the end of the process. */

/** Thrown in place of an answer: the process is gone, and whether it had acted nobody knows. */
export class Crash extends Error {}

export function makeCaInterruptions() {
  /** Runs once, before one of the next calls. */
  let interrupt: { calls: number; run: () => Promise<unknown> } | undefined;
  let crashAt: { calls: number; before: boolean } | undefined;

  const cutIn = async (): Promise<void> => {
    if (interrupt === undefined) return;
    interrupt.calls -= 1;
    if (interrupt.calls > 0) return;
    const { run } = interrupt;
    interrupt = undefined;
    await run();
  };
  const act = async <Value>(run: () => Value | Promise<Value>): Promise<Value> => {
    await Promise.resolve();
    if (crashAt === undefined) return await run();
    crashAt.calls -= 1;
    if (crashAt.calls > 0) return await run();
    const { before } = crashAt;
    crashAt = undefined;
    if (!before) await run();
    throw new Crash('the process is gone');
  };

  return {
    call: async <Value>(run: () => Value | Promise<Value>): Promise<Value> => {
      await cutIn();
      return await act(run);
    },
    /** Lets come between what is to come before this call. */
    cutIn,
    /** Carries a call out, unless the process ends at it, before or after it has acted. */
    act,
    /** Whether the process ends at the next call, before that has acted. */
    endsBefore: (): boolean => crashAt?.calls === 1 && crashAt.before,
    /** Something happens right before one of the next calls. */
    cutInAt: (calls: number, run: () => Promise<unknown>) => {
      interrupt = { calls, run };
    },
    /** Ends the process at one of the next calls, before or after that has acted. */
    crash: (calls: number, before: boolean) => {
      crashAt = { calls, before };
    },
    /** Nothing comes between any more. */
    calm: () => {
      crashAt = undefined;
      interrupt = undefined;
    },
  };
}
