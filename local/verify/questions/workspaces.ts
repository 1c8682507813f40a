/** Workspaces of a service. */
import { acceptOrRefuse } from '../answer.ts';
import type { Area } from '../question.ts';
import { workspaceOf } from './service-parts.ts';
import { attach, readable } from './throw-away-vault.ts';

export const workspaces: Area = {
  name: 'workspaces',
  questions: [
    {
      id: 'workspace-key-vault',
      title: 'a Key Vault reference as a certificate of a workspace',
      assumes: { setting: 'assumptions.workspaceKeyVault' },
      source: 'https://learn.microsoft.com/azure/api-management/workspaces-overview',
      async ask(world) {
        const workspace = await workspaceOf(world);
        const path = `${workspace}/certificates/${world.name('ws-kv')}`;
        return acceptOrRefuse(await attach(world, path, await readable(world)));
      },
    },
  ],
};
