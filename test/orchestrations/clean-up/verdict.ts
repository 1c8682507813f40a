/** What must be so once it is quiet again. */
import { formatTarget } from '../../../shared/domain/target.ts';
import { keyMarkers } from '../../support/clean-up/certificates.ts';
import type { TargetNote } from '../../support/clean-up/notes.ts';
import { concerns } from '../../support/clean-up/references.ts';
import type { CleanUpWorld } from '../../support/clean-up/world.ts';

/** Everything that is not as it must be, in words. */
export async function verdictOf(world: CleanUpWorld): Promise<readonly string[]> {
  const wrongs: string[] = [];
  for (const target of world.estate.targets) {
    wrongs.push(...(await ofDead(world, target)), ...(await ofAlive(world, target)));
  }
  return [...wrongs, ...(await ofRows(world)), ...(await ofSecrets(world))];
}

/** What is dead, owned, unused and not doubted was removed. */
async function ofDead({ estate, shape }: CleanUpWorld, target: TargetNote): Promise<string[]> {
  const content = await estate.contentOf(target);
  const { policy } = shape;
  if (content?.of === undefined || policy.mode !== 'remove') return [];
  const { of: source } = content;
  const gone = source.state === 'deleted' || source.state === 'purged';
  if (!gone || source.vault.anew || source.ignored) return [];
  if (!target.owned && !policy.discovered) return [];
  // Put into a workspace by hand, or by a reference that Certkeeper gave up, it is nobody's.
  if (target.handled && target.workspace !== undefined) return [];
  const { service, workspace, id } = target;
  const referred = { service, workspace, id, thumbprint: content.thumbprint };
  const used = [...estate.references.values()].some((one) =>
    concerns(one, referred, source.thumbprints),
  );
  return used ? [] : [`${target.path} is there still, and ${source.key} is ${source.state}`];
}

/** What is alive is attached, and holds the current version. */
async function ofAlive({ estate }: CleanUpWorld, target: TargetNote): Promise<string[]> {
  const { source, handled, origin } = target;
  if (source.state !== 'alive' || source.ignored || source.vault.anew) return [];
  const content = await estate.contentOf(target);
  if (content === undefined) {
    // What somebody removed while its source was gone, or only ever attached by hand, is given up.
    return handled && origin !== 'tag'
      ? []
      : [`${target.path} is gone, and ${source.key} is alive`];
  }
  if (content.of !== source) {
    return handled ? [] : [`${target.path} holds what is not of ${source.key}`];
  }
  if (content.thumbprint === source.current) return [];
  return handled && origin !== 'tag' ? [] : [`${target.path} does not hold the current version`];
}

/** Every removal can be put back by its row. */
async function ofRows({ certkeeper, judge }: CleanUpWorld): Promise<string[]> {
  const wrongs: string[] = [];
  const rows = [];
  for await (const { cleanup } of certkeeper.own.cleanups.list()) rows.push(cleanup);
  for (const { target, source, content, fate } of judge.removals) {
    const row = rows.find(
      (one) =>
        formatTarget(one.target) === target.path &&
        `${one.source.vault}/${one.source.name}` === source.key &&
        one.installed.etag === content.etag,
    );
    const say = (text: string): number => wrongs.push(`the row of ${target.path} ${text}`);
    if (row === undefined) {
      say('is not there');
      continue;
    }
    const { installed, status } = row;
    if (status !== 'removed' && status !== 'undone') say(`says ${status}`);
    if (installed.thumbprint !== content.thumbprint) say('names another thumbprint');
    if (installed.secretIdentifier !== content.secretIdentifier) say('names another secret');
    if (fate === 'deleted' && JSON.stringify(row.tags) !== JSON.stringify(source.tags)) {
      say('does not hold the tags');
    }
  }
  return wrongs;
}

async function ofSecrets({ certkeeper, rig }: CleanUpWorld): Promise<string[]> {
  const histories = JSON.stringify(rig.kit.calls.slice(-500));
  const text = (await certkeeper.own.text()) + histories;
  return keyMarkers().some((marker) => text.includes(marker))
    ? ['there is key material in a table or in durable state']
    : [];
}
