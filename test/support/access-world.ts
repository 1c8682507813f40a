/** What Certkeeper sees of a service and a vault between which all is well, to be bent by tests. */
import type { CheckAccessPorts } from '../../functions/activities/diagnose-target.ts';
import type { HeldRole, VaultFacts } from '../../shared/domain/access-facts.ts';
import type { AccessReader } from '../../shared/domain/access-ports.ts';
import type { ServiceObservation } from '../../shared/domain/service.ts';
import type { SourceObservation } from '../../shared/domain/source.ts';
import { makePresent, NOW, SUFFIX } from './domain-samples.ts';

export const OPEN_VAULT: VaultFacts = {
  id: '/kv',
  name: 'contoso-kv',
  rbac: true,
  tenantId: 't',
  policies: [],
  publicAccess: true,
  firewall: false,
  trustedServices: false,
  hasRules: false,
  hasPrivateWay: false,
};

export const READING_ROLE: HeldRole = {
  roleId: '/r',
  roleName: 'Key Vault Certificate User',
  scope: '/kv',
  dataActions: ['*'],
  notDataActions: [],
};

export function makeAccessWorld({
  identity = { systemAssigned: { objectId: 'system-object' }, userAssigned: [] },
  observation = makePresent(),
  access = {},
}: {
  identity?: ServiceObservation['identity'];
  observation?: SourceObservation;
  access?: Partial<AccessReader>;
} = {}): CheckAccessPorts {
  return {
    certificates: { observe: () => Promise.resolve({ kind: 'absent' }) },
    vaults: {
      readCurrent: () => Promise.resolve(observation),
      absence: () => Promise.resolve('absent'),
      versions: () => Promise.resolve([]),
    },
    pushed: { observe: () => Promise.resolve({ kind: 'absent' }) },
    writer: {
      readCurrentPfx: (_, seen) => Promise.resolve({ ...seen, pfx: new Uint8Array(1) }),
    },
    vaultSuffix: SUFFIX,
    now: () => new Date(NOW),
    access: {
      service: (name) =>
        Promise.resolve({
          id: '/gw',
          name,
          identity,
          provisioningState: 'Succeeded',
          sku: 'Basic',
        }),
      vault: () => Promise.resolve(OPEN_VAULT),
      rolesAt: () => Promise.resolve([READING_ROLE]),
      denialsAt: () => Promise.resolve([]),
      ...access,
    },
  };
}
