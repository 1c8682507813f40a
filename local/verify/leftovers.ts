/** What an earlier run could not remove: found by its name, and removed only when told to. */
import { isSuccess, type Answer } from './answer.ts';
import { isNamed, PREFIX } from './ownership.ts';
import { deleteApplication, GRAPH } from './questions/throw-away-application.ts';
import { purgeVault, removeVault } from './questions/throw-away-vault.ts';
import { armUrl, type VerifyWorld } from './world.ts';

export interface Leftover {
  readonly what: string;
  readonly remove: (calm: VerifyWorld) => Promise<Answer>;
}

/** Of a service, in the order in which they can be removed: what uses others first. */
const FOLDERS = [
  'apis',
  'policyFragments',
  'backends',
  'namedValues',
  'workspaces',
  'certificates',
] as const;

/** @param withGraph whether applications are looked for too */
export async function findLeftovers(
  world: VerifyWorld,
  withGraph: boolean,
): Promise<readonly Leftover[]> {
  const { serviceId, groupId, subscriptionId } = world;
  const found: Leftover[] = [];
  for (const folder of FOLDERS) {
    for (const { name } of await list(world, armUrl(`${serviceId}/${folder}`))) {
      const url = armUrl(`${serviceId}/${folder}/${name}`);
      found.push({
        what: `${folder}/${name}`,
        remove: ({ wire }) => wire.ask('DELETE', url, { headers: { 'if-match': '*' } }),
      });
    }
  }
  const grid = `${groupId}/providers/Microsoft.EventGrid/systemTopics`;
  for (const { name } of await list(world, armUrl(grid))) {
    found.push({
      what: `system topic ${name}`,
      remove: ({ wire }) => wire.ask('DELETE', armUrl(`${grid}/${name}`)),
    });
  }
  const vaults = `${groupId}/providers/Microsoft.KeyVault/vaults`;
  for (const { name } of await list(world, armUrl(vaults))) {
    const vault = { name, id: `${vaults}/${name}` };
    found.push({ what: `vault ${name}`, remove: (calm) => removeVault(calm, vault) });
  }
  const deleted = `/subscriptions/${subscriptionId}/providers/Microsoft.KeyVault/deletedVaults`;
  for (const { name, location } of await list(world, armUrl(deleted))) {
    found.push({
      what: `deleted vault ${name}`,
      remove: (calm) => purgeVault(calm, name, location),
    });
  }
  return withGraph ? [...found, ...(await findApplications(world))] : found;
}

async function findApplications(world: VerifyWorld): Promise<readonly Leftover[]> {
  const filter = encodeURIComponent(`startswith(displayName,'${PREFIX}')`);
  const applications = await list(world, `${GRAPH}/applications?$filter=${filter}`, 'displayName');
  return applications.map(({ name, id }) => ({
    what: `application ${name}`,
    remove({ wire, ownership }) {
      ownership.add(id);
      return deleteApplication(wire, id);
    },
  }));
}

/** What a list has under the runs' names; nothing when it cannot be read, as without permission. */
async function list(
  world: VerifyWorld,
  first: string,
  named = 'name',
): Promise<readonly { readonly name: string; readonly id: string; readonly location: string }[]> {
  const found: { name: string; id: string; location: string }[] = [];
  const origin = new URL(first).origin;
  for (let url = first; url.startsWith(`${origin}/`);) {
    const page = await world.wire.ask('GET', url);
    const value = page.at('value');
    if (!isSuccess(page) || !Array.isArray(value)) break;
    for (const index of value.keys()) {
      const name = page.text('value', index, named);
      const id = page.text('value', index, 'id');
      const location = page.text('value', index, 'properties', 'location');
      if (isNamed(name)) found.push({ name, id, location });
    }
    url = page.text('nextLink') || page.text('@odata.nextLink');
  }
  return found;
}
