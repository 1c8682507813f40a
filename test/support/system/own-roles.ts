/** Certkeeper's own rights on a running system: taken away, given anew, and how they were used. */
import { makeAzureWire } from '../../../local/seed/azure-wire.ts';
import {
  certkeeperPolicy,
  giveCertkeeper,
  readCertkeeperRoles,
  type CertkeeperRole,
  type Task,
} from '../../../local/seed/certkeeper-roles.ts';
import {
  API,
  CERTKEEPER_IDENTITY,
  identityId,
  serviceId,
  SERVICES,
  SUBSCRIPTION_ID,
  vaultId,
} from '../../../local/seed/fleet.ts';
import type { RunningSystem } from './running-system.ts';

interface Decision {
  readonly principalId: string;
  readonly operation: string;
  readonly allowed: boolean;
}
/** As Resource Manager documents it. */
interface Assignment {
  readonly id: string;
  readonly properties: { readonly scope: string };
}
interface Policy {
  readonly objectId: string;
}

const POLICY_VAULT = vaultId('contoso-legacy-kv');
const PLACES: readonly { readonly at: CertkeeperRole['at']; readonly id: string }[] = [
  ...SERVICES.map((name) => ({ at: 'service' as const, id: serviceId(name) })),
  { at: 'rbacVault', id: vaultId('contoso-kv') },
  { at: 'policyVault', id: POLICY_VAULT },
  { at: 'subscription', id: `/subscriptions/${SUBSCRIPTION_ID}` },
];

/** Every action, data action and permission of an access policy that some tasks' roles allow. */
export function operationsOf(tasks: readonly Task[]): readonly string[] {
  const roles = readCertkeeperRoles().filter(({ task }) => tasks.includes(task));
  return [
    ...new Set(
      roles.flatMap(({ actions, dataActions, certificates, secrets, keys }) => [
        ...[...actions, ...dataActions],
        ...certificates.map((one) => `certificates/${one}`),
        ...secrets.map((one) => `secrets/${one}`),
        ...keys.map((one) => `keys/${one}`),
      ]),
    ),
  ].sort();
}

export type OwnRoles = Awaited<ReturnType<typeof watchOwnRoles>>;

export async function watchOwnRoles({ azureUrl }: Pick<RunningSystem, 'azureUrl'>) {
  const azure = makeAzureWire(azureUrl);
  const identity = await azure.resource(identityId(CERTKEEPER_IDENTITY), API.identity);
  const principalId = String(identity?.properties['principalId']);
  const takeRoles = async (scope: string): Promise<void> => {
    const { body } = await azure.ask(
      'GET',
      `management.azure.com${scope}/providers/Microsoft.Authorization/roleAssignments?api-version=${API.roles}&$filter=principalId eq '${principalId}'`,
    );
    for (const { id, properties } of (body as { value: readonly Assignment[] }).value) {
      // The list has those above and below it too.
      if (properties.scope !== scope) continue;
      await azure.ask('DELETE', `management.azure.com${id}?api-version=${API.roles}`);
    }
  };
  return {
    /** From now on Certkeeper may do what these tasks take and nothing else. */
    async allowOnly(tasks: readonly Task[]): Promise<void> {
      for (const place of PLACES) {
        await takeRoles(place.id);
        await giveCertkeeper(azure, principalId, tasks, place);
      }
      const vault = await azure.resource(POLICY_VAULT, API.keyVaultResource);
      const others = (vault?.properties['accessPolicies'] as readonly Policy[]).filter(
        ({ objectId }) => objectId !== principalId,
      );
      const accessPolicies = [...others, certkeeperPolicy(principalId, tasks)];
      await azure.ask(
        'PUT',
        `management.azure.com${POLICY_VAULT}/accessPolicies/replace?api-version=${API.keyVaultResource}`,
        { body: { properties: { accessPolicies } } },
      );
    },

    forgetDecisions: () => azure.control('DELETE', 'decisions'),

    /** What Certkeeper asked for since, sorted: what it was given, and what not. */
    async asked(): Promise<{
      readonly used: readonly string[];
      readonly refused: readonly string[];
    }> {
      const { decisions } = (await azure.control('GET', 'decisions')) as {
        decisions: readonly Decision[];
      };
      const own = decisions.filter((one) => one.principalId === principalId);
      const operations = (allowed: boolean) =>
        [
          ...new Set(
            own.filter((one) => one.allowed === allowed).map(({ operation }) => operation),
          ),
        ].sort();
      return { used: operations(true), refused: operations(false) };
    },
  };
}
