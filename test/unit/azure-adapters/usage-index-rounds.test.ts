import { TransientError } from '../../../shared/domain/errors.ts';
import { refuse } from '../../support/fake-http-client.ts';
import { CLIENT, makeUsageKit } from '../../support/usage-kit.ts';
import { EMPTY_POLICY, THUMBPRINT } from '../../support/usage-sample.ts';
import { BY_ID, expectAgreement, filled } from '../../support/filled-usage.ts';

test('rounds of many calls give what one call gives, whatever is left off after', async () => {
  const whole = filled(10_000);
  expect((await whole.round('2026-11-27T00:00:00.000Z')).times).toBe(1);
  for (const calls of [1, 7, 20]) {
    const kit = filled(calls);
    expect((await kit.round('2026-11-27T00:00:00.000Z')).times).toBeGreaterThan(1);
    expect([...kit.table.all().keys()].sort()).toEqual([...whole.table.all().keys()].sort());
    await expectAgreement(kit);
    // And the second time, by the list.
    await kit.round();
    await expectAgreement(kit);
  }
});

test('what another round left off is not gone on with', async () => {
  const kit = filled(5);
  await kit.round('2026-11-26T00:00:00.000Z');
  const left = await kit.index.refresh('gw', { at: '2026-11-27T00:00:00.000Z' });
  expect(left.after).toBeDefined();
  let after = left.after;
  while (after !== undefined) {
    ({ after } = await kit.index.refresh('gw', { at: '2026-11-28T00:00:00.000Z', after }));
  }
  await expectAgreement(kit);
});

test('while a round is under way the last complete one answers', async () => {
  const kit = filled(5);
  await kit.round('2026-11-26T00:00:00.000Z');
  const before = await kit.index.of(CLIENT, [THUMBPRINT]);
  kit.service.policy('policies/policy', EMPTY_POLICY);
  kit.service.remove('backends/by-id');
  let after: string | undefined;
  for (;;) {
    const part = await kit.index.refresh('gw', {
      at: '2026-11-27T00:00:00.000Z',
      ...(after === undefined ? {} : { after }),
    });
    ({ after } = part);
    if (after === undefined) break;
    await expect(kit.index.of(CLIENT, [THUMBPRINT])).resolves.toEqual(before);
  }
  await expect(kit.index.asOf('gw')).resolves.toBe('2026-11-27T00:00:00.000Z');
  await expectAgreement(kit);
});

/** A round with a change of each kind, in which the n-th change to the table fails; false when there is none. */
async function roundWithCrash(crashAt: number): Promise<boolean> {
  const kit = filled(20);
  await kit.round();
  kit.service.policy('policies/policy', EMPTY_POLICY);
  kit.service.remove('apis/Orders/operations/get');
  kit.service.put('apis/New');
  kit.service.policy('apis/New/policies/policy', BY_ID);
  let changes = 0;
  kit.table.beforeChange = () => {
    changes += 1;
    if (changes === crashAt) throw new Error('a crash');
  };
  const at = '2026-11-27T00:00:00.000Z';
  let after: string | undefined;
  let crashed = false;
  while ((await kit.index.asOf('gw')) !== at || after !== undefined) {
    try {
      ({ after } = await kit.index.refresh('gw', {
        at,
        ...(after === undefined ? {} : { after }),
      }));
    } catch {
      // What is thrown is what the clients throw; the call is made again, as the engine makes it.
      crashed = true;
    }
  }
  await expectAgreement(kit);
  return crashed || changes >= crashAt;
}

test('a crash at any change is made good by calling again', async () => {
  let crashAt = 1;
  while (await roundWithCrash(crashAt)) crashAt += 1;
  expect(crashAt).toBeGreaterThan(5);
});

test('what was written before a crash and is gone after it is forgotten', async () => {
  for (let crashAt = 1; crashAt <= 5; crashAt += 1) {
    const kit = makeUsageKit();
    kit.service.put('apis/A');
    await kit.round();
    kit.service.policy('apis/A/policies/policy', BY_ID);
    let changes = 0;
    kit.table.beforeChange = () => {
      changes += 1;
      if (changes === crashAt) throw new Error('a crash');
    };
    await kit.round().catch(() => undefined);
    kit.service.remove('apis/A/policies/policy');
    await kit.round();
    await expectAgreement(kit);
  }
});

test('what passes is left to the next call, and nothing that was done is done again', async () => {
  const kit = filled(10_000);
  // The first parts have been done by then.
  const throttled = { ...refuse(429, 'TooManyRequests'), headers: { 'retry-after': '0' } };
  kit.service.fault = (_, path) => (path === 'workspaces' ? throttled : undefined);
  const at = '2026-11-27T00:00:00.000Z';
  const part = await kit.index.refresh('gw', { at });
  expect(part.after).toBeDefined();
  expect(part.read).toBeGreaterThan(0);
  const again = kit.index.refresh('gw', { at, after: part.after ?? '' });
  await expect(again).rejects.toBeInstanceOf(TransientError);
  kit.service.fault = () => undefined;
  kit.service.calls.length = 0;
  await kit.index.refresh('gw', { at, after: part.after ?? '' });
  expect(kit.service.calls).not.toContain('GET policies/policy');
  await expectAgreement(kit);
});
