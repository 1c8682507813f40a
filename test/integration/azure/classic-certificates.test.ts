/** Classic management certificates, by the calls as they were documented, and after the retirement. */
import { withdrawKeys } from '../../../functions/activities/keys/withdraw-keys.ts';
import type { ClassicTarget } from '../../../shared/domain/target.ts';
import {
  startAzureUnderTest,
  SUBSCRIPTION,
  type AzureUnderTest,
} from '../../support/azure/azure-clients.ts';
import { makeClientCertificate } from '../../support/azure/graph-world.ts';
import { keysOver, toPublicKey } from '../../support/azure/key-world.ts';
import type { TestCertificate } from '../../support/azure/make-pfx.ts';
import { makeIdentity } from '../../support/azure/vault.ts';
import { SOURCE } from '../../support/domain-samples.ts';
import { refusalOf } from '../../support/refusal.ts';

const TARGET: ClassicTarget = { kind: 'classic-management', subscriptionId: SUBSCRIPTION };
const ON = { applications: new Set<string>(), classicSubscriptions: new Set([SUBSCRIPTION]) };

describe('classic management certificates', () => {
  let under: AzureUnderTest;
  let own: { clientId: string; principalId: string };
  let first: TestCertificate;
  let second: TestCertificate;
  beforeAll(async () => {
    under = await startAzureUnderTest();
    own = await makeIdentity(under, 'certkeeper-id');
    await under.ask('PUT', `/_local/classic/${SUBSCRIPTION}/administrators`, {
      objectIds: [own.principalId],
    });
    [first, second] = await Promise.all([makeClientCertificate(), makeClientCertificate()]);
  });
  afterAll(() => under.stop());
  const settings = (values: Readonly<Record<string, unknown>>) =>
    under.ask('PUT', '/_local/settings', values);
  const keys = () => keysOver(under, ON, own.clientId);

  test('are added and removed one by one; what is not ours stays', async () => {
    await settings({ 'classic.retired': false });
    const { subscriptions, register, change } = keys();
    await subscriptions.add(SUBSCRIPTION, toPublicKey(first.der));
    await expect(register(SOURCE, TARGET, second.der)).resolves.toMatchObject({ added: true });
    await expect(register(SOURCE, TARGET, second.der)).resolves.toMatchObject({ added: false });
    const listed = await subscriptions.list(SUBSCRIPTION);
    expect(listed.map(({ thumbprint }) => thumbprint).sort()).toEqual(
      [first.thumbprint, second.thumbprint].sort(),
    );
    expect(listed[0]).toMatchObject({
      expiresAt: expect.stringMatching(/^20.*Z$/) as string,
    });
    await withdrawKeys(change, SOURCE, TARGET);
    expect(await subscriptions.list(SUBSCRIPTION)).toMatchObject([
      { thumbprint: first.thumbprint },
    ]);
  });

  test.each(['gone', 'notFound', 'forbidden'])(
    'are said to be retired, whatever the service answers: %s',
    async (answer) => {
      await settings({ 'classic.retired': true, 'assumptions.classicRetiredAnswer': answer });
      await expect(keys().register(SOURCE, TARGET, first.der)).rejects.toMatchObject({
        problem: {
          code: 'TARGET_RETIRED',
          message: expect.stringContaining('31 August 2024') as string,
        },
      });
    },
  );

  test('are not even asked about where they are not used', async () => {
    const off = { applications: new Set<string>(), classicSubscriptions: undefined };
    const before = await under.ask('GET', '/_local/requests?host=management.core.windows.net');
    await expect(
      refusalOf(keysOver(under, off, own.clientId).subscriptions.list(SUBSCRIPTION)),
    ).resolves.toBe('TARGET_RETIRED');
    expect(
      await under.ask('GET', '/_local/requests?host=management.core.windows.net'),
    ).toMatchObject({ body: before.body });
  });

  test('of a subscription that is not under care are left alone', async () => {
    const { subscriptions } = keys();
    await expect(
      refusalOf(subscriptions.list('0a5e0000-0000-4000-8000-00000000dead')),
    ).resolves.toBe('TARGET_RETIRED');
  });
});
