import { makeDiagnoseTarget } from '../../../functions/activities/diagnose-target.ts';
import { TerminalError, TransientError, type Problem } from '../../../shared/domain/errors.ts';
import type { AccessReader } from '../../../shared/domain/access-ports.ts';
import type { ServiceObservation } from '../../../shared/domain/service.ts';
import type { TargetState } from '../../../shared/domain/target-state.ts';
import {
  makeAccessWorld,
  OPEN_VAULT as VAULT,
  READING_ROLE as MAY_READ,
} from '../../support/access-world.ts';
import { makePresent, makeState, PROBLEM, SOURCE, TARGET } from '../../support/domain-samples.ts';

const CLIENT = '5eed0000-0000-4000-8000-0000000000c1';
const USER = { resourceId: '/u', objectId: 'user-object', clientId: CLIENT };
const NOT_ALLOWED: Problem = { code: 'CERTKEEPER_PERMISSION_MISSING', message: 'may not read it' };

/** A reference that names an identity, or leaves it out. */
const naming = (identityClientId?: string): TargetState =>
  makeState({
    reference: {
      kind: 'key-vault',
      secret: { source: SOURCE, collection: 'secrets' },
      ...(identityClientId === undefined ? {} : { identityClientId }),
    },
  });

function diagnose(
  access: Partial<AccessReader>,
  { identity, state }: { identity?: ServiceObservation['identity']; state?: TargetState } = {},
): Promise<readonly Problem[]> {
  const run = makeDiagnoseTarget(
    makeAccessWorld({ access, ...(identity === undefined ? {} : { identity }) }),
  );
  return run({
    source: SOURCE,
    target: TARGET,
    observation: makePresent(),
    refusal: PROBLEM,
    ...(state === undefined ? {} : { state }),
  });
}
const codes = async (problems: Promise<readonly Problem[]>) =>
  (await problems).map(({ code }) => code);

describe('A diagnosis', () => {
  test('repeats the refusal when nothing known stands in the way', async () => {
    await expect(diagnose({})).resolves.toEqual([PROBLEM]);
  });

  test('does not take for the cause what is only good to know', async () => {
    const policy = { objectId: 'system-object', tenantId: 't', secrets: ['get'] };
    const vault = () => Promise.resolve({ ...VAULT, policies: [policy] });
    await expect(codes(diagnose({ vault }))).resolves.toEqual([
      'AZURE_REFUSED',
      'POLICIES_IGNORED',
    ]);
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
        state: naming(CLIENT),
      },
      'user-object',
    ],
    [
      'the one that the reference names in another case',
      { identity: { userAssigned: [USER] }, state: naming(CLIENT.toUpperCase()) },
      'user-object',
    ],
  ])('asks for the roles of %s', async (_, who, objectId) => {
    const rolesAt = jest.fn(() => Promise.resolve([MAY_READ]));
    await expect(diagnose({ rolesAt }, who)).resolves.toEqual([PROBLEM]);
    expect(rolesAt).toHaveBeenCalledWith('/kv', objectId);
  });

  test('blames no user-assigned identity where the reference means a lost system-assigned one', async () => {
    const rolesAt = jest.fn(() => Promise.resolve([]));
    const who = { identity: { userAssigned: [USER] }, state: naming() };
    const [first, ...rest] = await diagnose({ rolesAt }, who);
    expect(first).toMatchObject({ code: 'IDENTITY_MISSING' });
    expect(first?.message).toContain('with the system-assigned identity');
    expect(rest).toEqual([PROBLEM]);
    expect(rolesAt).not.toHaveBeenCalled();
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
