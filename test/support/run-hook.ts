import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { fakePrograms, type Answer, type Call } from './fake-command.ts';
import { INFRA, SERVICES, VAULTS } from './infra.ts';

export const APP =
  '/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/rg-prod/providers/Microsoft.Web/sites/func';
export const PRINCIPAL = '55555555-5555-5555-5555-555555555555';

/** As azd hands it to hooks: its own variables, those that were set, and the outputs. */
export const ENVIRONMENT = {
  AZURE_ENV_NAME: 'prod',
  AZURE_LOCATION: 'northeurope',
  AZURE_SUBSCRIPTION_ID: '22222222-2222-2222-2222-222222222222',
  AZURE_RESOURCE_GROUP: 'rg-prod',
  CERTKEEPER_VAULTS: VAULTS.join(','),
  CERTKEEPER_SERVICES: SERVICES.join(','),
  CERTKEEPER_APP_ID: APP,
  CERTKEEPER_APP_NAME: 'func',
  CERTKEEPER_URL: 'https://func.azurewebsites.net',
  CERTKEEPER_PRINCIPAL_ID: PRINCIPAL,
  CERTKEEPER_STORAGE_ID: APP.replace(
    'Microsoft.Web/sites/func',
    'Microsoft.Storage/storageAccounts/st',
  ),
  CERTKEEPER_DEAD_LETTER_CONTAINER: 'dead-letters',
  CERTKEEPER_AUTHENTICATION: 'entra',
};

/** How a hook ended, what it said, and what it asked `az` and `azd` for. */
export interface HookRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly calls: readonly Call[];
}

/** Runs a hook of `infra/hooks/`, with `az` and `azd` played, or with other programs there. */
export function runHook(
  name: string,
  answers: readonly Answer[],
  environment: Readonly<Record<string, string>> = {},
  there: readonly string[] = ['az', 'azd'],
): HookRun {
  const programs = fakePrograms(there, answers);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(INFRA, 'hooks', `${name}.mjs`)],
    {
      encoding: 'utf8',
      env: { ...ENVIRONMENT, PATH: programs.path, ...environment },
    },
  );
  return { status, stdout, stderr, calls: programs.calls() };
}
