/** What people do to an estate; each notes what it did as soon as Azure has taken it. */
import { askVault, makeVault } from '../azure/vault.ts';
import type { Estate } from './estate.ts';
import type { SourceNote, TargetNote, VaultNote } from './notes.ts';
import type { Rig } from './rig.ts';

const API = '?api-version=2024-05-01';
const DAY_MS = 86_400_000;

export type Deeds = ReturnType<typeof makeDeeds>;

export function makeDeeds(rig: Rig, estate: Estate) {
  const { azure, addressOf } = estate;
  const ms = () => rig.now().getTime();
  const send = async (method: string, source: SourceNote, way: 'gone' | 'there' = 'there') => {
    const folder = way === 'gone' ? 'deletedcertificates' : 'certificates';
    const { name } = source.source;
    const path = method === 'POST' ? `/${folder}/${name}/recover` : `/${folder}/${name}`;
    const { status } = await askVault(azure, method, source.vault.name, path);
    return status < 300;
  };

  const deeds = {
    async delete(source: SourceNote): Promise<void> {
      if (source.state !== 'alive' || !(await send('DELETE', source))) return;
      estate.act();
      source.deletedBefore = source.seenAlive ? undefined : source.deletedAt;
      source.state = 'deleted';
      source.deletedAt = ms();
      source.recoverableUntil = ms() + 7 * DAY_MS;
      if (source.seenAlive) source.foundGone = undefined;
    },
    async purge(source: SourceNote): Promise<void> {
      if (source.state === 'deleted' && (await send('DELETE', source, 'gone'))) {
        estate.act();
        source.state = 'purged';
      }
    },
    async recover(source: SourceNote): Promise<void> {
      if (source.state !== 'deleted' || !(await send('POST', source, 'gone'))) return;
      source.aliveSince = estate.act();
      source.state = 'alive';
      source.seenAlive = false;
    },
    /** A new version, or a new certificate under the name of one that is gone. */
    async import(source: SourceNote): Promise<void> {
      await estate.importInto(source);
    },
    async ignore(source: SourceNote): Promise<void> {
      const path = `/certificates/${source.source.name}`;
      const tags = { ...source.tags, certkeeper: 'ignore' };
      const { status } = await askVault(azure, 'PATCH', source.vault.name, path, { tags });
      if (status < 300) source.ignored = true;
    },

    async deleteVault(vault: VaultNote): Promise<void> {
      if (!vault.there) return;
      await azure.ask('DELETE', `${vault.id}?api-version=2023-07-01`);
      vault.there = false;
    },
    async recoverVault(vault: VaultNote): Promise<boolean> {
      if (vault.there) return true;
      const { status } = await azure.ask('PUT', `${vault.id}?api-version=2023-07-01`, {
        location: 'westeurope',
        properties: {
          ...{ tenantId: '5eed0000-0000-4000-8000-00000000000a', createMode: 'recover' },
          sku: { family: 'A', name: 'standard' },
        },
      });
      if (status >= 300) return false;
      await estate.openVault(vault.id);
      vault.there = true;
      return true;
    },
    /** Deletes it for good and makes another one of its name. */
    async renewVault(vault: VaultNote): Promise<void> {
      await deeds.deleteVault(vault);
      const subscription = /^\/subscriptions\/[^/]+/.exec(vault.id)?.[0] ?? '';
      await azure.ask(
        'POST',
        `${subscription}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/${vault.name}/purge?api-version=2023-07-01`,
      );
      await makeVault(azure, vault.name, { softDeleteRetentionInDays: 7 });
      await estate.openVault(vault.id);
      vault.there = true;
      vault.anew = true;
      estate.act();
      for (const source of estate.sources) {
        if (source.vault !== vault) continue;
        source.state = source.state === 'alive' ? 'vanished' : source.state;
        if (source.state === 'deleted') source.state = 'purged';
      }
    },

    /** Puts somebody else's certificate in place of what is there. */
    async edit(target: TargetNote): Promise<void> {
      const { pfx } = await estate.next();
      const properties = { data: pfx, password: '' };
      const path = `${addressOf(target)}${API}`;
      const { status } = await azure.ask('PUT', path, { properties }, { 'if-match': '*' });
      if (status < 300) handle(target);
      estate.act();
    },
    /** Writes again what is there: it is the same, and its state is another. */
    async touch(target: TargetNote): Promise<void> {
      if (target.workspace === undefined) await estate.attach(target);
    },
    async remove(target: TargetNote): Promise<void> {
      const path = `${addressOf(target)}${API}`;
      const { status } = await azure.ask('DELETE', path, undefined, { 'if-match': '*' });
      if (status < 300) handle(target);
    },
    /** By a reference to the vault, where nothing is. */
    async restore(target: TargetNote): Promise<void> {
      if (target.workspace !== undefined || (await estate.contentOf(target)) !== undefined) return;
      if (await estate.attach(target)) handle(target);
    },
    async unrefer(number: number): Promise<void> {
      const documents = [...estate.references.keys()];
      const document = documents[number % Math.max(1, documents.length)];
      if (document === undefined) return;
      const { status } = await azure.ask('DELETE', `${document}${API}`, undefined, {
        'if-match': '*',
      });
      if (status >= 300 && status !== 404) return;
      estate.references.delete(document);
      for (const one of estate.references.values()) {
        if (one.through === document) one.dangling = true;
      }
    },
  };
  return deeds;
}

function handle(target: TargetNote): void {
  target.handled = true;
  // What is there now is another matter.
  target.doubted = false;
}
