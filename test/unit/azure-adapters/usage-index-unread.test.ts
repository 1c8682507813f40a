import { refuse } from '../../support/fake-http-client.ts';
import { CLIENT, IN_TEAM, type UsageKit } from '../../support/usage-kit.ts';
import { EMPTY_POLICY } from '../../support/usage-sample.ts';
import { documentsOf, expectAgreement, filled } from '../../support/filled-usage.ts';

describe('what may not be read', () => {
  const unread = (kit: UsageKit, pattern: RegExp) => {
    kit.service.fault = (_, path) =>
      pattern.test(path) ? refuse(403, 'AuthorizationFailed') : undefined;
  };

  test('keeps what was known of it, and is told', async () => {
    const kit = filled();
    await kit.round();
    const before = await kit.index.of(IN_TEAM, []);
    unread(kit, /^workspaces\/team-a\//);
    const { problems } = await kit.round('2026-11-27T00:00:00.000Z');
    expect(problems).toContainEqual(
      expect.objectContaining({ code: 'CERTKEEPER_PERMISSION_MISSING' }),
    );
    await expect(kit.index.of(IN_TEAM, [])).resolves.toEqual({
      ...before,
      asOf: '2026-11-27T00:00:00.000Z',
    });
    kit.service.fault = () => undefined;
    await kit.round();
    await expectAgreement(kit);
  });

  test.each([/^workspaces\/team-a\//, /^apis$/, /^apis\/orders\//, /^backends$/])(
    'may name any certificate when nothing was known of it: %s',
    async (pattern) => {
      const kit = filled();
      unread(kit, pattern);
      const { problems } = await kit.round();
      expect(problems.length).toBeGreaterThan(0);
      const target = pattern.source.startsWith('^workspaces') ? IN_TEAM : CLIENT;
      const usage = await kit.index.of({ ...target, id: 'never-named' }, []);
      expect(usage?.references).toContainEqual(
        expect.objectContaining({ by: 'unreadable', certainty: 'possible' }),
      );
      // Once it can be read, that is forgotten.
      kit.service.fault = () => undefined;
      await kit.round();
      await expectAgreement(kit);
    },
  );

  test('does not keep the rest from being brought up to date', async () => {
    const kit = filled();
    await kit.round();
    unread(kit, /^apis\/orders\//);
    kit.service.policy('products/starter/policies/policy', EMPTY_POLICY);
    await kit.round();
    const documents = await documentsOf(kit);
    expect(documents).not.toContain('products/starter/policies/policy');
    expect(documents).toContain('apis/Orders/policies/policy');
  });

  test('ends the round when it is the list of workspaces', async () => {
    const kit = filled();
    unread(kit, /^workspaces$/);
    await expect(kit.round()).rejects.toMatchObject({
      problem: { code: 'CERTKEEPER_PERMISSION_MISSING' },
    });
    await expect(kit.index.asOf('gw')).resolves.toBeUndefined();
  });
});
