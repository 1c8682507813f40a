import type { Contract } from '../../../shared/contracts/contract.ts';
import { toActivityHandler } from '../../../shared/durable/activity-handler.ts';

/** What activities do, by their names; each declares its own input. */
export type Behaviour = Readonly<Record<string, (input: never) => unknown>>;

/**
 * The activities of what modules of contracts export, behind the app's own handler.
 * Thrown when one of them has no behaviour: Error.
 */
export function contractActivities(
  exported: readonly unknown[],
  behaviour: Behaviour,
): Record<string, (input: unknown) => unknown> {
  return Object.fromEntries(
    exported.filter(isContract).map((contract) => {
      const run = behaviour[contract.name];
      if (run === undefined) throw new Error(`no behaviour for ${contract.name}`);
      const handler = toActivityHandler(contract, async (input) => await run(input as never));
      return [contract.name, (input: unknown) => handler(input, silent)] as const;
    }),
  );
}

/** Whether what a module exports is an activity's contract. */
export function isContract(value: unknown): value is Contract<unknown, unknown> {
  return typeof value === 'object' && value !== null && 'retry' in value && 'output' in value;
}

// The tests look at what the handler answers and throws, not at what it logs.
const silent = { error: () => undefined, warn: () => undefined } as unknown as Parameters<
  ReturnType<typeof toActivityHandler>
>[1];
