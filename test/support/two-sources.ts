/** Two bound sources of one vault, and that nothing of them is removed. */
import { TransientError } from '../../shared/domain/errors.ts';
import type { CleanupWorld } from './cleanup-world.ts';
import { makeBinding, NEW_THUMBPRINT, OTHER_SOURCE, TARGET } from './domain-samples.ts';

const OTHER = { ...TARGET, id: 'partner-mtls' };
export const BOTH = [
  makeBinding({ targetThumbprint: NEW_THUMBPRINT }),
  makeBinding({ source: OTHER_SOURCE, target: OTHER, targetThumbprint: NEW_THUMBPRINT }),
];
export const SILENT = new TransientError({ code: 'AZURE_UNAVAILABLE', message: 'no answer' });

/** Nothing is an orphan, and nothing is removed however long it stays so. */
export async function expectNothingRemoved(world: CleanupWorld): Promise<void> {
  for (let day = 0; day < 200; day += 20) {
    await world.sweep();
    world.pass(20);
  }
  expect(world.removals).toEqual([]);
  expect(world.told('TargetRemoved')).toBe(0);
}
