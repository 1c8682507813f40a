/** A process that a power cut can end: whatever it was about is begun again by the next one. */
import { AsyncLocalStorage } from 'node:async_hooks';

export class PowerCut extends Error {}

export interface Cut {
  /** Counts reads and writes from 1 on. */
  readonly at: number;
  /** Whether the read or write itself still happens. */
  readonly when: 'before' | 'after';
}

export interface Lifeline {
  /** Runs work as an engine does: what a power cut ended is run again from its beginning. */
  run<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Every read and write goes through it: a dead process does none. */
  touch<Result>(io: () => Promise<Result>): Promise<Result>;
  /** Arms the next power cut, or disarms it. */
  cut(cut: Cut | undefined): void;
  /** How many there were. */
  readonly cuts: () => number;
}

export function makeLifeline(): Lifeline {
  const lives = new AsyncLocalStorage<{ dead: boolean }>();
  let current = { dead: false };
  let armed: Cut | undefined;
  let touched = 0;
  let cuts = 0;

  const die = (life: { dead: boolean }): never => {
    life.dead = true;
    armed = undefined;
    cuts += 1;
    throw new PowerCut();
  };
  return {
    async run(work) {
      for (;;) {
        const life = current;
        try {
          const result = await lives.run(life, work);
          if (!life.dead) return result;
        } catch (error) {
          if (!life.dead) throw error;
        }
        if (current === life) current = { dead: false };
      }
    },
    async touch(io) {
      const life = lives.getStore();
      if (life === undefined) return await io();
      if (life.dead) throw new PowerCut();
      touched += 1;
      const strikes = armed?.at === touched ? armed.when : undefined;
      if (strikes === 'before') die(life);
      const result = await io();
      if (strikes === 'after') die(life);
      // Something side by side with it ended the process meanwhile: nobody is there to hear.
      if (isDead(life)) throw new PowerCut();
      return result;
    },
    cut(next) {
      armed = next;
      touched = 0;
    },
    cuts: () => cuts,
  };
}

function isDead({ dead }: { readonly dead: boolean }): boolean {
  return dead;
}
