import { makeDiagnoseTarget } from '../../../functions/activities/diagnose-target.ts';
import type { VaultFacts } from '../../../shared/domain/access-facts.ts';
import { TerminalError, TransientError, type Problem } from '../../../shared/domain/errors.ts';
import type { AccessReader } from '../../../shared/domain/ports.ts';
import type { ServiceObservation } from '../../../shared/domain/service.ts';
import { makePresent, NOW, PROBLEM, SOURCE, SUFFIX, TARGET } from '../../support/domain-samples.ts';

const CLIENT = '5eed0000-0000-4000-8000-0000000000c1';
const VAULT: VaultFacts = {
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
const MAY_READ = {
  roleId: '/r',
  roleName: 'Key Vault Certificate User',
  scope: '/kv',
  dataActions: ['*'],
  notDataActions: [],
};
const USER = { resourceId: '/u', objectId: 'user-object', clientId: CLIENT };
const NOT_ALLOWED: Problem = { code: 'CERTKEEPER_PERMISSION_MISSING', message: 'may not read it' };

function diagnose(
  access: Partial<AccessReader>,
  {
    identity = { systemAssigned: { objectId: 'system-object' }, userAssigned: [] },
    identityClientId,
  }: { identity?: ServiceObservation['identity']; identityClientId?: string } = {},
): Promise<readonly Problem[]> {
  const run = makeDiagnoseTarget({
    certificates: { observe: () => Promise.resolve({ kind: 'absent' }) },
    vaults: {
      readCurrent: () => Promise.resolve({ kind: 'missing' }),
      absence: () => Promise.resolve('absent'),
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
      vault: () => Promise.resolve(VAULT),
      rolesAt: () => Promise.resolve([MAY_READ]),
      denialsAt: () => Promise.resolve([]),
      ...access,
    },
  });
  return run({
    source: SOURCE,
    target: TARGET,
    observation: makePresent(),
    refusal: PROBLEM,
    ...(identityClientId === undefined ? {} : { identityClientId }),
  });
}
const codes = async (problems: Promise<readonly Problem[]>) =>
  (await problems).map(({ code }) => code);

describe('A diagnosis', () => {
  test('repeats the refusal when nothing known stands in the way', async () => {
    await expect(diagnose({})).resolves.toEqual([PROBLEM]);
  });

  test('finds the cause and puts it before the refusal', async () => {
    await expect(codes(diagnose({ rolesAt: () => Promise.resolve([]) }))).resolves.toEqual([
      'PERMISSION_MISSING',
      'AZURE_REFUSED',
    ]);
  });

  test.each([
    ['the system-assigned identity', {}, 'system-object'],
    ['the only user-assigned one', { identity: { userAssigned: [USER] } }, 'user-object'],
    [
      'the one that the reference names',
      {
        identity: { systemAssigned: { objectId: 's' }, userAssigned: [USER] },
        identityClientId: CLIENT,
      },
      'user-object',
    ],
    [
      'the one that the reference names in another case',
      { identity: { userAssigned: [USER] }, identityClientId: CLIENT.toUpperCase() },
      'user-object',
    ],
  ])('asks for the roles of %s', async (_, who, objectId) => {
    const rolesAt = jest.fn(() => Promise.resolve([MAY_READ]));
    await expect(diagnose({ rolesAt }, who)).resolves.toEqual([PROBLEM]);
    expect(rolesAt).toHaveBeenCalledWith('/kv', objectId);
  });

  test('asks for no roles where access policies count and suffice', async () => {
    const rolesAt = jest.fn(() => Promise.resolve([MAY_READ]));
    const mine = { objectId: 'system-object', tenantId: 't', secrets: ['all'] };
    const policies = { ...VAULT, rbac: false, policies: [mine] };
    const found = diagnose({ rolesAt, vault: () => Promise.resolve(policies) });
    await expect(codes(found)).resolves.toEqual(['AZURE_REFUSED']);
    expect(rolesAt).not.toHaveBeenCalled();
  });

  test('tells of a role that does not count beside policies that do not suffice', async () => {
    const policies = { ...VAULT, rbac: false };
    await expect(codes(diagnose({ vault: () => Promise.resolve(policies) }))).resolves.toEqual([
      'PERMISSION_MISSING',
      'ROLES_IGNORED',
      'AZURE_REFUSED',
    ]);
  });

  test.each(['vault', 'rolesAt'] as const)(
    'blames nobody for what Certkeeper itself may not look at: %s',
    async (blind) => {
      const refuse = () => Promise.reject(new TerminalError(NOT_ALLOWED));
      await expect(diagnose({ [blind]: refuse })).resolves.toEqual([NOT_ALLOWED, PROBLEM]);
    },
  );

  test('is made again when Azure does not answer now', async () => {
    const later = () => Promise.reject(new TransientError(PROBLEM));
    await expect(diagnose({ rolesAt: later })).rejects.toBeInstanceOf(TransientError);
  });
});
