/** Plays a course in a world, to its end and until it is quiet again. */
import { pick } from '../../support/clean-up/estate.ts';
import type { Sent } from '../../support/clean-up/wire.ts';
import type { CleanUpWorld } from '../../support/clean-up/world.ts';
import type { Act, Course } from './any-course.ts';

/** Throws as soon as something went wrong that must never be. */
export async function play(world: CleanUpWorld, course: Course): Promise<void> {
  await sweep(world);
  for (const one of course.references) await act(world, one);
  for (const one of course.episodes.flat()) {
    await act(world, one);
    // Nothing is twice in one second: Key Vault counts in seconds.
    await world.rig.pass(5);
    if (world.judge.wrongs.length > 0) throw new Error(world.judge.wrongs.join('\n'));
  }
  await calmDown(world, course);
  if (world.judge.wrongs.length > 0) throw new Error(world.judge.wrongs.join('\n'));
}

async function sweep(world: CleanUpWorld, inputs: readonly object[] = [{}]): Promise<void> {
  const ids = await world.rig.sweep(inputs);
  for (const id of ids) {
    const { status, output } = world.rig.kit.result(id);
    if (status !== 'Completed')
      world.judge.wrongs.push(`the sweep is ${status}: ${String(output)}`);
  }
}

/** Trouble ends, and sweeps run for long enough that everything due has been done. */
async function calmDown(world: CleanUpWorld, { lastTrouble, lastDeed }: Course): Promise<void> {
  const { rig, wire, lifeline, estate, deeds, shape } = world;
  wire.faults.length = 0;
  lifeline.cut(undefined);
  for (const vault of estate.vaults) {
    if (!(await deeds.recoverVault(vault))) await deeds.renewVault(vault);
    await estate.allow(vault.id);
  }
  for (const { id } of estate.services) await estate.allow(id);
  await sweep(world);
  for (const { name } of estate.services) await world.confirm(name);
  await rig.pass(shape.policy.graceSeconds + 60);
  if (lastTrouble !== undefined) {
    await act(world, lastTrouble);
    await sweep(world);
    await rig.pass(3_600);
  }
  await sweepMeanwhile(world, { how: 'once', cuts: undefined, meanwhile: lastDeed });
  wire.faults.length = 0;
  if (shape.policy.afterRecovery) {
    await rig.pass(8 * 86_400);
    await sweep(world);
  }
  await rig.pass(3_600);
  await sweep(world);
}

async function act(world: CleanUpWorld, one: Act): Promise<void> {
  const { estate, deeds, wire, rig } = world;
  switch (one.kind) {
    case 'refer':
      await estate.refer(one.spec, pick(estate.targets, one.target));
      return;
    case 'unrefer':
      await deeds.unrefer(one.number);
      return;
    case 'delete':
    case 'purge':
    case 'recover':
    case 'import':
    case 'ignore':
      await deeds[one.kind](pick(estate.sources, one.source));
      return;
    case 'edit':
    case 'touch':
    case 'remove':
    case 'restore':
      await deeds[one.kind](pick(estate.targets, one.target));
      return;
    case 'delete-vault':
      await deeds.deleteVault(pick(estate.vaults, one.vault));
      return;
    case 'recover-vault':
      await deeds.recoverVault(pick(estate.vaults, one.vault));
      return;
    case 'renew-vault':
      await deeds.renewVault(pick(estate.vaults, one.vault));
      return;
    case 'forbid':
    case 'allow': {
      const vaults = estate.vaults.filter(({ there }) => there);
      const places = [...vaults, ...estate.services].map(({ id }) => id);
      await estate[one.kind](pick(places, one.place));
      return;
    }
    case 'fault': {
      let skip = one.skip;
      const struck = STRUCK[one.on];
      const matches = (sent: Sent): boolean => struck(sent) && (skip -= 1) < 0;
      wire.faults.push({ matches, strike: one.strike, times: one.times });
      return;
    }
    case 'end-faults':
      wire.faults.length = 0;
      return;
    case 'pass':
      await rig.pass(one.seconds);
      return;
    case 'confirm':
      await world.confirm(pick(estate.services, one.service).name);
      return;
    case 'sweep':
      await sweepMeanwhile(world, one);
      return;
  }
}

const STRUCK: Readonly<Record<Extract<Act, { kind: 'fault' }>['on'], (sent: Sent) => boolean>> = {
  vault: ({ host }) => host.includes('.vault.'),
  service: ({ path }) => path.includes('Microsoft.ApiManagement'),
  removal: ({ method }) => method === 'DELETE',
  deleted: ({ path }) => path.startsWith('/deletedcertificates/'),
  certificate: ({ path }) => path.startsWith('/certificates/'),
};

async function sweepMeanwhile(
  world: CleanUpWorld,
  { how, cuts, meanwhile }: Omit<Extract<Act, { kind: 'sweep' }>, 'kind'>,
): Promise<void> {
  const { estate, deeds, judge, lifeline } = world;
  if (meanwhile !== undefined) {
    const { moment, deed } = meanwhile;
    judge.at(moment, async (given) => {
      const target = given ?? pick(estate.targets, meanwhile.target);
      if (deed === 'recover') await deeds.recover(target.source);
      else if (deed === 'refer') {
        await estate.refer({ form: 'id', scope: 1, inWorkspace: false }, target);
      } else await deeds[deed](target);
    });
  }
  lifeline.cut(cuts);
  judge.dry = how === 'dry';
  await sweep(world, how === 'twice' ? [{}, {}] : [how === 'dry' ? { dryRun: true } : {}]);
  judge.dry = false;
  lifeline.cut(undefined);
  judge.forget();
}
