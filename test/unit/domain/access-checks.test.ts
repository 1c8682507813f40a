import { problemsIn } from '../../../shared/domain/access-check.ts';
import { checkAccess } from '../../../shared/domain/access-checks.ts';
import type {
  AccessFacts,
  CertificateFacts,
  HeldRole,
  Look,
  VaultFacts,
} from '../../../shared/domain/access-facts.ts';
import { chooseIdentity, type ServiceObservation } from '../../../shared/domain/service.ts';
import {
  makeCurrent,
  makeState,
  NOW,
  PROBLEM,
  SOURCE,
  TARGET,
} from '../../support/domain-samples.ts';

const SYSTEM = '5eed0000-0000-4000-8000-0000000000a1';
const USER = '5eed0000-0000-4000-8000-0000000000b1';
const CLIENT = '5eed0000-0000-4000-8000-0000000000c1';

const first = { resourceId: '/first', objectId: USER, clientId: CLIENT };
const second = { resourceId: '/second', objectId: 'another-object', clientId: 'another-client' };

function service(identity: ServiceObservation['identity']): ServiceObservation {
  return {
    id: '/gw',
    name: 'contoso-gw',
    identity,
    provisioningState: 'Succeeded',
    sku: 'Developer',
  };
}
const WITH_SYSTEM = service({ systemAssigned: { objectId: SYSTEM }, userAssigned: [] });
const WITH_USER = service({ userAssigned: [first] });

function vault(other: Partial<VaultFacts> = {}): VaultFacts {
  return {
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
    ...other,
  };
}

function role(dataActions: string[], other: Partial<HeldRole> = {}): HeldRole {
  return {
    roleId: '/roles/db79e9a7-68ee-4b58-9aeb-b90e7c24fcba',
    roleName: 'Key Vault Certificate User',
    scope: '/kv',
    dataActions,
    notDataActions: [],
    ...other,
  };
}
const GET_SECRET = 'Microsoft.KeyVault/vaults/secrets/getSecret/action';
const READER = role(['Microsoft.KeyVault/vaults/*/read'], {
  roleId: '/roles/21090545-7CA7-4776-b22c-e363652d74d2',
});

/** Something that was seen. */
function seen<Value>(value: Value): Look<Value> {
  return { kind: 'seen', value };
}
const BLIND = { kind: 'unseen', problem: PROBLEM } as const;

interface Row {
  readonly service?: ServiceObservation;
  readonly vault?: VaultFacts | 'unseen';
  readonly roles?: readonly HeldRole[] | 'unseen';
  readonly current?: ReturnType<typeof makeCurrent>;
  readonly certificate?: CertificateFacts;
  readonly identityClientId?: string;
  readonly denials?: AccessFacts['denials'];
  readonly installed?: AccessFacts['installed'];
}

function factsOf({ service: gw = WITH_SYSTEM, vault: kv = vault(), ...row }: Row): AccessFacts {
  const { roles = [role([GET_SECRET])], current = makeCurrent(), identityClientId } = row;
  return {
    source: SOURCE,
    target: TARGET,
    secretIdentifier: 'https://contoso-kv.vault.azure.net/secrets/gateway-client',
    service: seen(gw),
    installed: row.installed ?? seen({ kind: 'absent' }),
    ...(identityClientId === undefined ? {} : { identityClientId }),
    vault: kv === 'unseen' ? BLIND : seen(kv),
    roles: roles === 'unseen' ? BLIND : seen(roles),
    denials: row.denials ?? seen([]),
    certificate: seen(row.certificate ?? { kind: 'present', current }),
    now: NOW,
  };
}

/** What is found where nothing but the row stands in the way. */
const check = (row: Row) => problemsIn(checkAccess(factsOf(row)));
const policyFor = (objectId: string, secrets: string[]) =>
  vault({ rbac: false, policies: [{ objectId, tenantId: 't', secrets }] });

describe('Nothing stands in the way', () => {
  test.each<[sentence: string, facts: Row]>([
    ['of a system-assigned identity with the role', {}],
    ['of the only user-assigned identity', { service: WITH_USER }],
    [
      'of the identity that the reference names, in whatever case',
      {
        service: service({ userAssigned: [second, first] }),
        identityClientId: CLIENT.toUpperCase(),
      },
    ],
    [
      'of a role that says it with stars',
      { roles: [role(['Microsoft.KeyVault/vaults/*/getSecret/*'])] },
    ],
    ['of a role that allows everything', { roles: [role(['*'])] }],
    ['of a role written in another case', { roles: [role([GET_SECRET.toUpperCase()])] }],
    [
      'when one role denies itself the action and another grants it',
      { roles: [role(['*'], { notDataActions: [GET_SECRET] }), role([GET_SECRET])] },
    ],
    [
      'when a condition is on one role and not on the other',
      { roles: [role(['*'], { condition: 'c' }), role([GET_SECRET])] },
    ],
    [
      'of a role on the secret of this very certificate',
      { roles: [role([GET_SECRET], { scope: `/kv/secrets/${SOURCE.name}` })] },
    ],
    ['of a role on everything above the vault', { roles: [role([GET_SECRET], { scope: '/' })] }],
    ['of an access policy with get and list', { vault: policyFor(SYSTEM, ['Get', 'List']) }],
    [
      'of an access policy with all',
      { vault: policyFor(SYSTEM.toUpperCase(), ['all']), roles: [] },
    ],
    [
      'of a system-assigned identity at a firewall with the bypass',
      { vault: vault({ firewall: true, trustedServices: true }) },
    ],
    [
      'of a system-assigned identity at a closed vault with the bypass',
      { vault: vault({ publicAccess: false, trustedServices: true }) },
    ],
    [
      'when the certificate expires later',
      { current: makeCurrent({ expiresAt: '2026-07-25T01:08:33.001Z' }) },
    ],
    ['when it is not known whether the key may be exported', { current: bare() }],
  ])('%s', (_, facts) => {
    expect(check(facts)).toEqual([]);
  });
});

describe('A diagnosis finds', () => {
  test.each<[sentence: string, facts: Row, code: string, words: string]>([
    [
      'that the service has no identity',
      { service: service({ userAssigned: [] }) },
      'IDENTITY_MISSING',
      'has no managed identity',
    ],
    [
      'that the reference names an identity that the service does not have',
      { service: WITH_USER, identityClientId: 'gone' },
      'IDENTITY_UNKNOWN',
      'names the identity gone',
    ],
    [
      'that two identities leave it open which one reads',
      { service: service({ userAssigned: [first, second] }) },
      'IDENTITY_AMBIGUOUS',
      '2 user-assigned identities',
    ],
    ['that there is no role', { roles: [] }, 'PERMISSION_MISSING', 'holds no role'],
    [
      'that a role reads something else',
      { roles: [role(['Microsoft.KeyVault/vaults/secrets/readMetadata/action'])] },
      'PERMISSION_MISSING',
      'holds no role',
    ],
    [
      'that a pattern stops short of the action',
      { roles: [role(['Microsoft.KeyVault/vaults/*/getSecret'])] },
      'PERMISSION_MISSING',
      'holds no role',
    ],
    [
      'that a pattern needs more than the action has',
      { roles: [role([`${GET_SECRET}*action`])] },
      'PERMISSION_MISSING',
      'holds no role',
    ],
    [
      'that the role takes the action out again',
      { roles: [role(['*'], { notDataActions: ['*/getSecret/action'] })] },
      'PERMISSION_MISSING',
      'holds no role',
    ],
    [
      'that Key Vault Reader is not enough',
      { roles: [READER] },
      'PERMISSION_MISSING',
      'Key Vault Reader',
    ],
    [
      'that the only role has a condition',
      { roles: [role(['*'], { condition: 'c' })] },
      'PERMISSION_CONDITIONAL',
      'under the condition',
    ],
    [
      'that there is no access policy',
      { vault: policyFor(USER, ['get', 'list']) },
      'PERMISSION_MISSING',
      'get and list secrets',
    ],
    [
      'that the access policy lacks one permission, even where a role would do',
      { vault: policyFor(SYSTEM, ['get']) },
      'PERMISSION_MISSING',
      `let contoso-gw list secrets`,
    ],
    [
      'that a user-assigned identity does not pass a firewall, even with the bypass',
      { service: WITH_USER, vault: vault({ firewall: true, trustedServices: true }) },
      'VAULT_FIREWALL',
      'only a system-assigned identity',
    ],
    [
      'that there is no bypass and no rule',
      { vault: vault({ firewall: true }) },
      'VAULT_FIREWALL',
      'by no rule and no bypass',
    ],
    [
      'that there is no bypass, and says that a rule may do',
      { vault: vault({ firewall: true, hasRules: true }) },
      'VAULT_FIREWALL',
      'only if a rule',
    ],
    [
      'that the vault is closed to the public',
      { vault: vault({ publicAccess: false }) },
      'VAULT_PUBLIC_ACCESS_OFF',
      'by no rule and no bypass',
    ],
    [
      'that the certificate expires at this very moment',
      { current: makeCurrent({ expiresAt: NOW }) },
      'CERTIFICATE_EXPIRED',
      'expired on 2026-07-25',
    ],
    [
      'that the key may not be exported',
      { current: makeCurrent({ exportable: false }) },
      'CERTIFICATE_NOT_EXPORTABLE',
      'is not exportable',
    ],
    [
      'that the certificate is kept as PEM',
      { current: makeCurrent({ contentType: 'application/x-pem-file' }) },
      'CERTIFICATE_WRONG_TYPE',
      'application/x-pem-file',
    ],
  ])('%s', (_, facts, code, words) => {
    const problems = check(facts);
    expect(problems.map((one) => one.code)).toContain(code);
    const told = problems.find((one) => one.code === code);
    expect(told?.message).toContain(words);
    expect(told?.cure).toBeTruthy();
  });

  test('everything at once, in the order in which a person would look, its blind spots last', () => {
    const problems = check({
      roles: [],
      vault: vault({ firewall: true }),
      current: makeCurrent({ expiresAt: NOW, exportable: false }),
      denials: BLIND,
    });
    expect(problems.map(({ code }) => code)).toEqual([
      'PERMISSION_MISSING',
      'VAULT_FIREWALL',
      'CERTIFICATE_EXPIRED',
      'CERTIFICATE_NOT_EXPORTABLE',
      'AZURE_REFUSED',
    ]);
  });

  test('no missing permission where there is no identity that could hold one', () => {
    const problems = check({
      service: service({ userAssigned: [] }),
      roles: [],
      installed: BLIND,
    });
    expect(problems.map(({ code }) => code)).toEqual(['IDENTITY_MISSING', 'AZURE_REFUSED']);
  });

  test('cures that can be typed in as they stand', () => {
    expect(check({ roles: [] })[0]?.cure).toBe(
      `az role assignment create --role "Key Vault Certificate User" --assignee-object-id ${SYSTEM} --assignee-principal-type ServicePrincipal --scope /kv`,
    );
    expect(check({ vault: policyFor(USER, []) })[0]?.cure).toBe(
      `az keyvault set-policy --name contoso-kv --object-id ${SYSTEM} --secret-permissions get list`,
    );
  });

  test('a cure that takes nothing away: the command replaces what a policy has', () => {
    expect(check({ vault: policyFor(SYSTEM, ['Set', 'List']) })[0]?.cure).toBe(
      `az keyvault set-policy --name contoso-kv --object-id ${SYSTEM} --secret-permissions get list set`,
    );
  });

  test('another role where the same one is there with a condition, which cannot be given twice', () => {
    const conditional = role([GET_SECRET], { condition: 'x' });
    expect(check({ roles: [conditional] })[0]?.cure).toContain('"Key Vault Secrets User"');
    expect(check({ roles: [{ ...conditional, scope: '/above' }] })[0]?.cure).toContain(
      '"Key Vault Certificate User"',
    );
  });
});

describe('The identity of a new reference', () => {
  test('is the system-assigned one wherever there is one, and it is never named', () => {
    const both = service({ systemAssigned: { objectId: SYSTEM }, userAssigned: [first, second] });
    expect(chooseIdentity(both)).toEqual({ kind: 'system-assigned', objectId: SYSTEM });
  });

  test('is the only user-assigned one otherwise', () => {
    expect(chooseIdentity(WITH_USER)).toEqual({
      kind: 'user-assigned',
      clientId: CLIENT,
      objectId: USER,
    });
  });

  test("is nobody's where there is none or more than one", () => {
    expect(chooseIdentity(service({ userAssigned: [] }))).toMatchObject({
      kind: 'none',
      problem: { code: 'IDENTITY_MISSING', resource: '/gw' },
    });
    expect(chooseIdentity(service({ userAssigned: [first, second] }))).toMatchObject({
      kind: 'none',
      problem: { code: 'IDENTITY_AMBIGUOUS', resource: '/gw' },
    });
  });
});

function bare() {
  const { exportable: _, contentType: __, expiresAt: ___, ...rest } = makeCurrent();
  return rest;
}

test('A role on another secret of the vault lets nobody read this one', () => {
  const elsewhere = role([GET_SECRET], { scope: '/KV/secrets/another' });
  expect(check({ roles: [elsewhere] })).toMatchObject([{ code: 'PERMISSION_MISSING' }]);
});

describe('A finding weighs', () => {
  const deny = (other: object) =>
    seen([
      {
        name: 'lock',
        scope: '/kv',
        onlyThisScope: false,
        principals: [{ id: SYSTEM, type: 'ServicePrincipal' }],
        excluded: [],
        dataActions: ['*'],
        notDataActions: [],
        ...other,
      },
    ]);
  const pinned = (secret: object) =>
    makeState({
      reference: {
        kind: 'key-vault',
        secret: { source: SOURCE, collection: 'secrets', ...secret },
      },
    });

  test.each<[sentence: string, row: Row, code: string, severity: string]>([
    ['a deny assignment as blocking', { denials: deny({}) }, 'PERMISSION_DENIED', 'blocks'],
    [
      'a deny assignment of a group as a maybe',
      { denials: deny({ principals: [{ id: 'g', type: 'Group' }] }) },
      'PERMISSION_DENIED',
      'may-block',
    ],
    [
      'a role given just now as a maybe',
      { roles: [role([GET_SECRET], { assignedAt: NOW })] },
      'PERMISSION_PROPAGATING',
      'may-block',
    ],
    [
      'an ignored access policy as no more than a notice',
      {
        vault: vault({ policies: [{ objectId: SYSTEM, tenantId: 't', secrets: ['get'] }] }),
      },
      'POLICIES_IGNORED',
      'notice',
    ],
    [
      'a pinned reference as blocking',
      { installed: seen(pinned({ version: 'v' })) },
      'REFERENCE_PINNED',
      'blocks',
    ],
    [
      'a reference through /certificates/ as blocking',
      { installed: seen(pinned({ collection: 'certificates' })) },
      'REFERENCE_NOT_A_SECRET',
      'blocks',
    ],
    [
      'the id of the system-assigned identity in a reference as blocking',
      { identityClientId: SYSTEM },
      'IDENTITY_NAMED_BY_ID',
      'blocks',
    ],
    [
      'a service that is being deleted as blocking',
      { service: { ...WITH_SYSTEM, provisioningState: 'Deleting' } },
      'SERVICE_DELETING',
      'blocks',
    ],
    [
      'a service that is being changed as a maybe',
      { service: { ...WITH_SYSTEM, provisioningState: 'Updating' } },
      'SERVICE_UPDATING',
      'may-block',
    ],
    [
      'a tier that nobody knows as a maybe',
      { service: { ...WITH_SYSTEM, sku: 'Tiny' } },
      'TIER_UNSUPPORTED',
      'may-block',
    ],
    [
      'a certificate that is not valid yet as a maybe',
      { current: makeCurrent({ notBefore: '2026-07-26T00:00:00.000Z' }) },
      'CERTIFICATE_NOT_YET_VALID',
      'may-block',
    ],
  ])('%s', (_, row, code, severity) => {
    const [first, ...others] = checkAccess(factsOf(row)).filter((one) => one.severity !== 'passed');
    expect(first).toMatchObject({ code, severity });
    expect(others).toEqual([]);
  });

  test('what Certkeeper could not see as nothing that it knows of', () => {
    for (const row of [{ vault: 'unseen' }, { roles: 'unseen' }] as const) {
      const checks = checkAccess(factsOf(row)).filter(({ severity }) => severity !== 'passed');
      expect(checks).toMatchObject([{ severity: 'unknown', code: 'AZURE_REFUSED' }]);
    }
  });
});
