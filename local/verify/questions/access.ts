/** Who may: role assignments, and the firewall of a vault. All of it at the run's own vault. */
import { randomUUID } from 'node:crypto';
import { briefly, isSuccess, orRefused } from '../answer.ts';
import { NotAsked, type Area } from '../question.ts';
import { armUrl, askArm, askService, need } from '../world.ts';
import type { VerifyWorld } from '../world.ts';
import { attached, vaultOf } from './throw-away-vault.ts';

const ASSIGNMENTS = 'https://learn.microsoft.com/rest/api/authorization/role-assignments';
const FIREWALL =
  'https://learn.microsoft.com/azure/api-management/api-management-howto-mutual-certificates#requirements-for-key-vault-firewall';
/** *Reader*, which lets nobody read a certificate. */
const READER = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';
/** How long a vault's firewall takes to be as it was told. */
const FIREWALL_SECONDS = 180;

export const access: Area = {
  name: 'roles and firewalls',
  questions: [
    {
      id: 'role-assignment-again',
      title: 'a role assignment that is there already, under another name',
      assumes: { always: '409 RoleAssignmentExists' },
      source: 'https://learn.microsoft.com/azure/role-based-access-control/troubleshooting',
      async ask(world) {
        await need('Giving a role (an Owner may)', assignReader(world));
        return briefly(await assignReader(world));
      },
    },
    {
      id: 'assigned-to',
      title: "role assignments of the service's identity, asked for with assignedTo",
      assumes: { always: 'finds it' },
      source: `${ASSIGNMENTS}/list-for-scope`,
      async ask(world) {
        await need('Giving a role (an Owner may)', assignReader(world));
        const { id } = await vaultOf(world);
        const filter = encodeURIComponent(`assignedTo('${world.principalId ?? ''}')`);
        const path = `${id}/providers/Microsoft.Authorization/roleAssignments?$filter=${filter}`;
        const found = await askArm(world, 'GET', path);
        if (!isSuccess(found)) return briefly(found);
        const list = found.at('value');
        return Array.isArray(list) && list.length > 0 ? 'finds it' : 'finds nothing';
      },
    },
    {
      id: 'firewall-with-bypass',
      title: 'refreshSecret through a vault firewall that lets trusted services by',
      assumes: { always: 'read' },
      source: FIREWALL,
      needs: ['slow'],
      ask: (world) => readBehindFirewall(world, 'AzureServices'),
    },
    {
      id: 'firewall-without-bypass',
      title: 'refreshSecret through a vault firewall that lets nobody by',
      assumes: { always: 'not read' },
      source: FIREWALL,
      needs: ['slow'],
      ask: (world) => readBehindFirewall(world, 'None'),
    },
  ],
};

async function assignReader(world: VerifyWorld) {
  const { id } = await vaultOf(world);
  const assignment = `${id}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}`;
  world.later('a role assignment at the vault', ({ wire }) =>
    wire.ask('DELETE', armUrl(assignment)),
  );
  return await askArm(world, 'PUT', assignment, {
    body: {
      properties: {
        roleDefinitionId: `/subscriptions/${world.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${READER}`,
        principalId: world.principalId,
        principalType: 'ServicePrincipal',
        description: world.name('reader'),
      },
    },
  });
}

async function readBehindFirewall(
  world: VerifyWorld,
  bypass: 'AzureServices' | 'None',
): Promise<string> {
  const { vault, path } = await attached(world, `wall-${bypass.toLowerCase()}`);
  const setRules = (defaultAction: 'Allow' | 'Deny') => ({
    body: { properties: { networkAcls: { defaultAction, bypass } } },
  });
  world.later("the vault's firewall", async (calm) => {
    const opened = await calm.wire.ask('PATCH', armUrl(vault.id), setRules('Allow'));
    await calm.passTime(FIREWALL_SECONDS);
    return opened;
  });
  await need('Closing the vault', askArm(world, 'PATCH', vault.id, setRules('Deny')));
  await world.passTime(FIREWALL_SECONDS);
  const answer = await askService(world, 'POST', `${path}/refreshSecret`);
  if (!isSuccess(answer)) return orRefused(answer, 'not read');
  const status = answer.text('properties', 'keyVault', 'lastStatus', 'code');
  if (status === '') throw new NotAsked('the answer does not say whether the vault was read');
  return status === 'Success' ? 'read' : 'not read';
}
