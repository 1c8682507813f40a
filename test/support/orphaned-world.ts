/** A world in which a source was deleted while a target of it is bound. */
import { makeCleanupWorld } from './cleanup-world.ts';
import { makeBinding, NEW_THUMBPRINT, SOURCE } from './domain-samples.ts';

const BOUND = makeBinding({ targetThumbprint: NEW_THUMBPRINT, allowedBy: 'manage' });

/** A source that was deleted, and seen so by a sweep so many days ago. */
export async function orphaned(days: number, options: Parameters<typeof makeCleanupWorld>[0] = {}) {
  const world = makeCleanupWorld({ bindings: [BOUND], ...options });
  world.put(SOURCE, { tags: { owner: 'team-a' } });
  world.softDelete(SOURCE);
  await world.sweep();
  world.pass(days);
  return world;
}

/** The newest clean-up that is written down. */
export const firstCleanup = async (world: Awaited<ReturnType<typeof orphaned>>) => {
  for await (const { cleanup } of world.cleanups.list()) return cleanup;
  return undefined;
};
