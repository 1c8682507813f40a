import { makeCheckTarget } from '../../../functions/activities/check-target.ts';
import type { ObserveAccessPorts } from '../../../functions/activities/observe-access.ts';
import { TerminalError, TransientError, type Problem } from '../../../shared/domain/errors.ts';
import { makeAccessWorld, OPEN_VAULT, READING_ROLE } from '../../support/access-world.ts';
import { makePresent, NOW, PROBLEM, SOURCE, TARGET } from '../../support/domain-samples.ts';

const USER = { resourceId: '/u', objectId: 'user-object', clientId: 'client-id' };
const NOT_ALLOWED: Problem = { code: 'CERTKEEPER_PERMISSION_MISSING', message: 'may not read it' };

function check(ports: ObserveAccessPorts) {
  const input = { source: SOURCE, target: TARGET, observation: makePresent() };
  return makeCheckTarget(ports)(input);
}

describe('The check before something is put at a target', () => {
  test('finds nothing in the way, and the identity that will read', async () => {
    await expect(check(makeAccessWorld())).resolves.toEqual({
      kind: 'checked',
      blocked: false,
      doubtful: false,
      findings: [],
      identity: { kind: 'system-assigned' },
    });
    await expect(
      check(makeAccessWorld({ identity: { userAssigned: [USER] } })),
    ).resolves.toMatchObject({ identity: { kind: 'user-assigned', clientId: 'client-id' } });
  });

  test('blocks where the service cannot read the vault, and says everything that it found', async () => {
    const legacy = { objectId: 'system-object', tenantId: 't', secrets: ['get', 'list'] };
    const checked = await check(
      makeAccessWorld({
        access: {
          rolesAt: () => Promise.resolve([]),
          vault: () => Promise.resolve({ ...OPEN_VAULT, policies: [legacy] }),
        },
      }),
    );
    expect(checked.blocked).toBe(true);
    expect(checked.findings.map(({ code }) => code)).toEqual([
      'PERMISSION_MISSING',
      'POLICIES_IGNORED',
    ]);
  });

  test('blocks where there is no identity, and then names none', async () => {
    const checked = await check(makeAccessWorld({ identity: { userAssigned: [] } }));
    expect(checked).toMatchObject({ blocked: true, findings: [{ code: 'IDENTITY_MISSING' }] });
    expect(checked).not.toHaveProperty('identity');
  });

  test('does not block for what only may be in the way', async () => {
    const fresh = { ...READING_ROLE, assignedAt: NOW };
    await expect(
      check(makeAccessWorld({ access: { rolesAt: () => Promise.resolve([fresh]) } })),
    ).resolves.toMatchObject({
      blocked: false,
      doubtful: true,
      findings: [{ code: 'PERMISSION_PROPAGATING' }],
    });
  });

  test.each(['service', 'vault', 'rolesAt'] as const)(
    'does not block for what Certkeeper itself may not look at: %s',
    async (blind) => {
      const refuse = () => Promise.reject(new TerminalError(NOT_ALLOWED));
      await expect(check(makeAccessWorld({ access: { [blind]: refuse } }))).resolves.toMatchObject({
        blocked: false,
        findings: [NOT_ALLOWED],
      });
    },
  );

  test('reads neither the source nor the target, which were just read', async () => {
    const world = makeAccessWorld();
    const observe = jest.fn(world.certificates.observe);
    const readCurrent = jest.fn(world.vaults.readCurrent);
    await check({
      ...world,
      certificates: { observe },
      vaults: { ...world.vaults, readCurrent },
    });
    expect(observe).not.toHaveBeenCalled();
    expect(readCurrent).not.toHaveBeenCalled();
  });

  test('is made again when Azure does not answer now', async () => {
    const later = () => Promise.reject(new TransientError(PROBLEM));
    await expect(check(makeAccessWorld({ access: { rolesAt: later } }))).rejects.toBeInstanceOf(
      TransientError,
    );
  });
});
