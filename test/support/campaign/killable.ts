/** A process that is killed again and again, and always started again. */
import type { ChildProcess } from 'node:child_process';
import type { Random } from './random.ts';

export interface Start<Address> {
  readonly child: ChildProcess;
  /** Resolves when it serves; rejects when it ends before. */
  readonly serving: Promise<Address>;
  /** Ends it at once, and what belongs to it. */
  readonly killHard: () => void;
  /** What it has printed. */
  readonly output: () => string;
}

export interface KillPlan {
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds from the start to the kill from outside; the process may kill itself before. */
  readonly afterMs: number;
}

export interface Killable<Address> {
  /** The address of the process that serves now, as soon as one does. */
  address(): Promise<Address>;
  readonly kills: number;
  /** Kills and starts until told to end; resolves with the last process, left to run. */
  readonly done: Promise<void>;
  /** No more kills after the next start. */
  calm(): void;
  /** Asks the process to stop; resolves with its exit code. */
  stop(): Promise<number | null>;
  /** Ends it at once, whatever it does. */
  abandon(): void;
  output(): string;
}

/**
 * @param start starts the process; the kill's own settings are in the environment
 * @param plan when the next kill is to be
 * @param onKill hears of each kill
 * Its promises reject when the process ends in any other way than by a kill.
 */
export function makeKillable<Address>(options: {
  readonly start: (env: Readonly<Record<string, string>>) => Start<Address>;
  readonly plan: (random: Random) => KillPlan;
  readonly random: Random;
  readonly onKill: (kills: number) => void;
}): Killable<Address> {
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  let address = Promise.withResolvers<Address>();
  let current: Start<Address> | undefined;
  let kills = 0;
  let calm = false;
  let abandoned = false;

  async function run(): Promise<void> {
    while (!abandoned) {
      const last = calm;
      const plan = last ? undefined : options.plan(options.random);
      const started = options.start(plan?.env ?? {});
      current = started;
      const { child, serving } = started;
      const exited = new Promise<NodeJS.Signals | null>((resolve) => {
        child.once('close', (_, signal) => resolve(signal));
      });
      const served = serving.then(
        (where) => {
          address.resolve(where);
          return true;
        },
        () => false,
      );
      if (plan === undefined) {
        await serving;
        return;
      }
      const timer = setTimeout(() => started.killHard(), plan.afterMs);
      const signal = await exited;
      clearTimeout(timer);
      started.killHard();
      if (signal !== 'SIGKILL') throw new Error(`It ended by itself:\n${started.output()}`);
      // Whoever waits for one that never served goes on waiting for the next.
      if (await served) address = Promise.withResolvers();
      kills++;
      options.onKill(kills);
    }
  }
  const done = run();
  done.catch(failed.reject);

  return {
    address: () => Promise.race([address.promise, failed.promise]),
    get kills() {
      return kills;
    },
    done,
    calm: () => (calm = true),
    async stop() {
      const child = current?.child;
      if (child === undefined) return null;
      const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
      child.kill('SIGTERM');
      return await exited;
    },
    abandon() {
      abandoned = true;
      current?.killHard();
    },
    output: () => current?.output() ?? '',
  };
}
