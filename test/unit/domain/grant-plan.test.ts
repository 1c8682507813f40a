import fc from 'fast-check';
import type { AccessFacts, Look, VaultFacts } from '../../../shared/domain/access-facts.ts';
import { planGrant } from '../../../shared/domain/grant-plan.ts';
import type { ServiceObservation } from '../../../shared/domain/service.ts';
import { OPEN_VAULT, READING_ROLE } from '../../support/access-world.ts';
import {
  makeCurrent,
  makeState,
  NOW,
  PROBLEM,
  SOURCE,
  TARGET,
} from '../../support/domain-samples.ts';

const OBJECT = 'a1a1a1a1-0000-4000-8000-000000000001';
const SYSTEM = { systemAssigned: { objectId: OBJECT }, userAssigned: [] };
const USER = { resourceId: '/id', objectId: 'user-object', clientId: 'user-client' };
const NOBODY = { userAssigned: [] };
const EVERYONE = '00000000-0000-0000-0000-000000000000';

const seen = <Value>(value: Value): Look<Value> => ({ kind: 'seen', value });
const BLIND = { kind: 'unseen', problem: PROBLEM } as const;
const LEGACY: VaultFacts = { ...OPEN_VAULT, rbac: false };
const policy = (...secrets: string[]) => ({ objectId: OBJECT, tenantId: 't', secrets });

function service(identity: ServiceObservation['identity'], state = 'Succeeded') {
  return seen({ id: '/gw', name: 'contoso-gw', identity, provisioningState: state, sku: 'Basic' });
}

/** A service with a system-assigned identity, and a vault in which it holds nothing. */
function facts(other: Partial<AccessFacts> = {}): AccessFacts {
  return {
    source: SOURCE,
    target: TARGET,
    secretIdentifier: 'https://contoso-kv.vault.azure.net/secrets/gateway-client',
    service: service(SYSTEM),
    installed: seen({ kind: 'absent' }),
    vault: seen(OPEN_VAULT),
    roles: seen([]),
    denials: seen([]),
    certificate: seen({ kind: 'present', current: makeCurrent() }),
    now: NOW,
    ...other,
  };
}

const enable = { kind: 'enable-identity', service: 'contoso-gw', resource: '/gw' };
const role = {
  kind: 'assign-role',
  service: 'contoso-gw',
  vault: 'contoso-kv',
  resource: '/kv',
  principalId: OBJECT,
};
const { principalId: _, ...roleToCome } = role;
const list = (...permissions: string[]) => ({
  ...role,
  kind: 'add-access-policy',
  tenantId: 't',
  permissions,
});

describe('the plan of what to give', () => {
  test.each<[string, Partial<AccessFacts>, object[], string[]]>([
    ['a role where none lets the service read', {}, [role], []],
    ['nothing where one does already', { roles: seen([READING_ROLE]) }, [], []],
    [
      'nothing beside a role that may count in a moment',
      { roles: seen([{ ...READING_ROLE, assignedAt: NOW }]) },
      [],
      [],
    ],
    [
      'nothing beside a role with a condition, which only may block',
      { roles: seen([{ ...READING_ROLE, condition: '@Resource[x] == 1' }]) },
      [],
      [],
    ],
    [
      'both permissions where there is no policy',
      { vault: seen(LEGACY) },
      [list('get', 'list')],
      [],
    ],
    [
      'the permission that a policy lacks, and only that one',
      { vault: seen({ ...LEGACY, policies: [policy('Get', 'set')] }) },
      [list('list')],
      [],
    ],
    [
      'nothing where a policy holds all',
      { vault: seen({ ...LEGACY, policies: [policy('all')] }) },
      [],
      [],
    ],
    [
      'a policy in the tenant of the vault, where the one there names another',
      { vault: seen({ ...LEGACY, policies: [{ ...policy('get', 'list'), tenantId: 'other' }] }) },
      [list('get', 'list')],
      [],
    ],
    [
      'an identity first where the service has none, then the role for it',
      { service: service(NOBODY), roles: { kind: 'unasked' }, denials: { kind: 'unasked' } },
      [enable, roleToCome],
      [],
    ],
    [
      'a role for the one user-assigned identity that will read',
      { service: service({ userAssigned: [USER] }), identityClientId: USER.clientId },
      [{ ...role, principalId: 'user-object' }],
      [],
    ],
    [
      'no identity where several are there and it is open which should read',
      { service: service({ userAssigned: [USER, { ...USER, clientId: 'another' }] }) },
      [],
      ['IDENTITY_AMBIGUOUS'],
    ],
    [
      'no identity where a reference names one that the service lacks',
      { service: service(NOBODY), identityClientId: 'gone' },
      [],
      ['IDENTITY_UNKNOWN'],
    ],
    [
      'no identity beside user-assigned ones where a reference means the system-assigned one',
      { service: service({ userAssigned: [USER] }), installed: seen(makeState()) },
      [],
      ['IDENTITY_MISSING'],
    ],
  ])('is %s', (_name, other, steps, obstacles) => {
    const plan = planGrant(facts(other));
    expect(plan.steps).toEqual(steps);
    expect(plan.obstacles.map(({ code }) => code)).toEqual(obstacles);
  });

  test.each<[string, Partial<AccessFacts>, string]>([
    ['a firewall', { vault: seen({ ...OPEN_VAULT, firewall: true }) }, 'VAULT_FIREWALL'],
    [
      'a firewall that the identity to come would stand before',
      {
        vault: seen({ ...OPEN_VAULT, firewall: true }),
        service: service(NOBODY),
        roles: { kind: 'unasked' },
        denials: { kind: 'unasked' },
      },
      'VAULT_FIREWALL',
    ],
    [
      'a deny assignment',
      {
        denials: seen([
          {
            ...{ name: 'lock', scope: '/kv', onlyThisScope: false, excluded: [] },
            principals: [{ id: EVERYONE, type: 'SystemDefined' }],
            ...{ dataActions: ['*'], notDataActions: [] },
          },
        ]),
      },
      'PERMISSION_DENIED',
    ],
    ['a disabled version', { certificate: seen({ kind: 'disabled' }) }, 'CURRENT_VERSION_DISABLED'],
    [
      'a service that is being deleted',
      { service: service(SYSTEM, 'Deleting') },
      'SERVICE_DELETING',
    ],
    ['roles that Certkeeper may not read', { roles: BLIND }, PROBLEM.code],
    ['a vault that Certkeeper may not read', { vault: BLIND }, PROBLEM.code],
    ['a service that Certkeeper may not read', { service: BLIND }, PROBLEM.code],
  ])('names what it does not cure: %s', (_name, other, code) => {
    expect(planGrant(facts(other)).obstacles.map((one) => one.code)).toContain(code);
  });

  test('does not take a certificate that Certkeeper may not read for an obstacle', () => {
    expect(planGrant(facts({ certificate: BLIND })).obstacles).toEqual([]);
  });

  test('is never wider than what it names', () => {
    const secrets = fc.subarray(['get', 'List', 'set', 'all']);
    const identities = fc.constantFrom(
      SYSTEM,
      NOBODY,
      { userAssigned: [USER] },
      { ...SYSTEM, userAssigned: [USER] },
      { userAssigned: [USER, { ...USER, clientId: 'another' }] },
    );
    const configurations = fc.record({
      identity: identities,
      rbac: fc.boolean(),
      secrets: fc.option(secrets),
      tenantId: fc.constantFrom('t', 'other'),
      role: fc.constantFrom('none', 'reads', 'elsewhere', 'conditional'),
      named: fc.constantFrom(undefined, 'user-client', 'gone'),
      firewall: fc.boolean(),
      certificate: fc.constantFrom('present', 'disabled'),
    });
    fc.assert(
      fc.property(configurations, (c) => {
        const held = {
          none: [],
          reads: [READING_ROLE],
          elsewhere: [{ ...READING_ROLE, scope: '/kv/secrets/another' }],
          conditional: [{ ...READING_ROLE, condition: 'x' }],
        }[c.role];
        const objectId = c.named === 'user-client' ? USER.objectId : OBJECT;
        const policies =
          c.secrets === null ? [] : [{ objectId, tenantId: c.tenantId, secrets: c.secrets }];
        const vault = { ...OPEN_VAULT, rbac: c.rbac, policies, firewall: c.firewall };
        const { steps } = planGrant(
          facts({
            service: service(c.identity),
            vault: seen(vault),
            roles: seen(held),
            certificate:
              c.certificate === 'present'
                ? seen({ kind: 'present', current: makeCurrent() })
                : seen({ kind: 'disabled' }),
            ...(c.named === undefined ? {} : { identityClientId: c.named }),
          }),
        );
        const anyIdentity = 'systemAssigned' in c.identity || c.identity.userAssigned.length > 0;
        for (const step of steps) {
          switch (step.kind) {
            case 'enable-identity':
              expect(anyIdentity).toBe(false);
              break;
            case 'assign-role':
              expect(c.rbac).toBe(true);
              expect(step.resource).toBe('/kv');
              break;
            case 'add-access-policy': {
              expect(c.rbac).toBe(false);
              expect(step.tenantId).toBe('t');
              const has = c.tenantId === 't' && step.principalId === objectId ? c.secrets : [];
              const lower = (has ?? []).map((one) => one.toLowerCase());
              for (const one of step.permissions) {
                expect(['get', 'list']).toContain(one);
                expect(lower).not.toContain(one);
              }
              break;
            }
          }
          if (step.kind !== 'enable-identity') {
            const mine = [OBJECT, USER.objectId, undefined];
            expect(mine).toContain(step.principalId);
            expect(step.principalId === undefined).toBe(!anyIdentity);
          }
        }
        expect(steps.length).toBeLessThanOrEqual(2);
      }),
    );
  });
});
