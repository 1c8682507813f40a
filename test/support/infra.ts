import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { deploy, type DeployedResource, type Deployment } from './bicep/deploy.ts';
import { ScopeHandle } from './bicep/handles.ts';
import type { Value } from './bicep/late.ts';
import { readParameters } from './bicep/read-parameters.ts';

/** Where the templates are. */
export const INFRA = resolve(import.meta.dirname, '../../infra');

const SUBSCRIPTION = '22222222-2222-2222-2222-222222222222';
const ELSEWHERE = '33333333-3333-3333-3333-333333333333';
export const VAULTS = [
  `/subscriptions/${SUBSCRIPTION}/resourceGroups/shared/providers/Microsoft.KeyVault/vaults/contoso-kv`,
  `/subscriptions/${ELSEWHERE}/resourceGroups/payments/providers/Microsoft.KeyVault/vaults/payments-kv`,
];
export const SERVICES = [
  `/subscriptions/${ELSEWHERE}/resourceGroups/gateways/providers/Microsoft.ApiManagement/service/contoso-gw`,
];

const scope = new ScopeHandle({
  tenantId: '11111111-1111-1111-1111-111111111111',
  subscriptionId: SUBSCRIPTION,
});

/** Every Bicep file, with its path below `infra/`. */
export function bicepFiles(): readonly string[] {
  return readdirSync(INFRA, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.bicep'))
    .sort();
}

/** What main.bicep makes of an azd environment, by way of its parameter file. */
export function deployMain(environment: Readonly<Record<string, string>> = {}): Deployment {
  const { template, params } = readParameters(join(INFRA, 'main.bicepparam'), {
    AZURE_ENV_NAME: 'prod',
    AZURE_LOCATION: 'northeurope',
    CERTKEEPER_VAULTS: VAULTS.join(' , '),
    CERTKEEPER_SERVICES: SERVICES.join(','),
    CERTKEEPER_ENTRA_CLIENT_ID: '44444444-4444-4444-4444-444444444444',
    ...environment,
  });
  return deploy(template, { params, scope });
}

/** A vault as the hook finds it: with roles, and without a system topic. */
export const foundVault = (id: string) => ({
  ...{ id, accessPolicies: false, topicName: '', topicGroup: '', keepsDeadLetters: false },
});

/** What care.bicep does with what main.bicep answered. */
export function deployCare(params: Readonly<Record<string, Value>> = {}): Deployment {
  const { outputs } = deployMain();
  return deploy(join(INFRA, 'care.bicep'), {
    scope,
    params: {
      installation: 'prod',
      resourceGroupName: outputs['AZURE_RESOURCE_GROUP'] ?? '',
      principalId: '55555555-5555-5555-5555-555555555555',
      functionId: outputs['CERTKEEPER_APP_ID'] ?? '',
      storageId: outputs['CERTKEEPER_STORAGE_ID'] ?? '',
      deadLetterContainer: outputs['CERTKEEPER_DEAD_LETTER_CONTAINER'] ?? '',
      vaults: VAULTS.map(foundVault),
      services: SERVICES,
      ...params,
    },
  });
}

/** The only resource of a type, perhaps of several with that name. */
export function only(
  { resources }: Pick<Deployment, 'resources'>,
  type: string,
  name?: string,
): DeployedResource {
  const found = resources.filter(
    (one) => one.type === type && (name === undefined || one.name === name),
  );
  const [first] = found;
  if (first === undefined || found.length > 1) {
    throw new Error(`there are ${String(found.length)} ${type} ${name ?? ''}`);
  }
  return first;
}
