import type { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import type { Contract } from '../../shared/contracts/contract.ts';
import { toActivityHandler } from '../../shared/durable/activity-handler.ts';
import { tellWaiting } from './telling.ts';
import type { World } from './world.ts';

/** Registers an activity under the name of its contract. */
export type RegisterActivity = <Input, Output>(
  contract: Contract<Input, Output>,
  run: (input: Input, context: InvocationContext) => Promise<Output>,
  options?: { readonly startsSyncs?: boolean; readonly publishes?: boolean },
) => void;

/**
 * Activities that start orchestrations get a durable client as an extra input, and so do those that
 * publish, since somebody may have to be told.
 */
export function makeRegisterActivity(world: World): RegisterActivity {
  const isAnybodyTold = world.config.notify.rules.length > 0;
  return (contract, run, { startsSyncs = false, publishes = false } = {}) => {
    const tells = publishes && isAnybodyTold;
    const runAndTell: typeof run = (input, context) =>
      run(input, context).finally(() => tellWaiting(world, context));
    df.app.activity(contract.name, {
      handler: toActivityHandler(contract, tells ? runAndTell : run),
      ...(startsSyncs || tells ? { extraInputs: [df.input.durableClient()] } : {}),
    });
  };
}
