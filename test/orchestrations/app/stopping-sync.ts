import { syncAgainst } from './sync-world.ts';

/** Syncs against a world of its own, whose engine stops when the test is over. */
export function makeStoppingSync(): typeof syncAgainst {
  const kits: { stop(): unknown }[] = [];
  afterEach(async () => {
    for (const kit of kits.splice(0)) await kit.stop();
  });
  return async (...args) => {
    const run = await syncAgainst(...args);
    kits.push(run.kit);
    return run;
  };
}
