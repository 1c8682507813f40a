import type { CertificateReference } from '../../../shared/domain/certificate-use.ts';
import { TransientError } from '../../../shared/domain/errors.ts';
import { refuse } from '../../support/fake-http-client.ts';
import { CLIENT, IN_TEAM, makeUsageKit, type UsageKit } from '../../support/usage-kit.ts';
import { EMPTY_POLICY, fill, policyBy, THUMBPRINT } from '../../support/usage-sample.ts';

const SOURCE = { vault: 'contoso-kv', name: 'api-contoso-com' };
const BY_ID = policyBy('certificate-id="client"');

function filled(callsAtOnce?: number): UsageKit {
  const kit = makeUsageKit(callsAtOnce);
  fill(kit.service);
  return kit;
}

const sorted = (references: readonly CertificateReference[] | undefined) =>
  references?.map((one) => JSON.stringify(one)).sort();
const documentsOf = async ({ index }: UsageKit, target = CLIENT) =>
  (await index.of(target, []))?.references.map(({ document }) => document);
const bodiesIn = (calls: readonly string[]) =>
  calls.filter((call) => /^GET .*(policies\/policy|policyFragments\/[^/]+)$/.test(call));

/** What the index says is what a scan finds. */
async function expectAgreement({ index, scanner }: UsageKit): Promise<void> {
  const usage = await scanner.scan('gw');
  for (const target of [CLIENT, IN_TEAM]) {
    const indexed = await index.of(target, [THUMBPRINT]);
    expect(sorted(indexed?.references)).toEqual(sorted(usage.of(target, [THUMBPRINT])));
  }
  const indexed = await index.ofSource('gw', SOURCE);
  expect(sorted(indexed?.references)).toEqual(sorted(usage.ofSource(SOURCE)));
}

test('nothing is answered before a round was complete', async () => {
  const kit = filled(20);
  await kit.index.refresh('gw', { at: '2026-11-27T00:00:00.000Z' });
  await expect(kit.index.asOf('gw')).resolves.toBeUndefined();
  await expect(kit.index.of(CLIENT, [])).resolves.toBeUndefined();
  await expect(kit.index.ofSource('gw', SOURCE)).resolves.toBeUndefined();
});

test('after a round the index says what a scan finds, as of the beginning of the round', async () => {
  const kit = filled();
  await kit.round('2026-11-27T00:00:00.000Z');
  await expect(kit.index.asOf('gw')).resolves.toBe('2026-11-27T00:00:00.000Z');
  await expectAgreement(kit);
});

test('no body is read again while nothing has changed, and nothing is written but marks', async () => {
  const kit = filled();
  const first = await kit.round();
  expect(first.read).toBe(bodiesIn(first.calls).length - missesIn(first.calls, kit));
  const before = kit.table.all();
  const second = await kit.round();
  expect(second.read).toBe(0);
  const changed = [...kit.table.all()].filter(
    ([name, document]) => JSON.stringify(before.get(name)) !== JSON.stringify(document),
  );
  expect(changed.filter(([name]) => /^(documents|used)/.test(name))).toEqual([]);
  await expectAgreement(kit);
});

/** Policies that were asked for and are not there. */
function missesIn(calls: readonly string[], { service }: UsageKit): number {
  return bodiesIn(calls).filter((call) => !service.has(call.slice('GET '.length))).length;
}

test('after one change exactly one body is read', async () => {
  const kit = filled();
  await kit.round();
  await kit.round();
  kit.service.policy('apis/Orders/operations/list/policies/policy', BY_ID);
  const { read, calls } = await kit.round();
  expect(read).toBe(1);
  expect(calls).toContain('GET apis/Orders/operations/list/policies/policy');
  await expectAgreement(kit);

  kit.service.policy('products/starter/policies/policy', EMPTY_POLICY);
  await expect(kit.round()).resolves.toMatchObject({ read: 1 });
  expect(await documentsOf(kit)).not.toContain('products/starter/policies/policy');
  await expectAgreement(kit);
});

test('once the list of policies was seen to be whole, operations are not asked for', async () => {
  const kit = filled();
  const first = await kit.round();
  expect(first.calls).toContain('GET apis/Orders/operations');
  const { calls } = await kit.round();
  expect(calls).toContain('GET allPolicies');
  expect(calls).not.toContain('GET apis/Orders/operations');
  expect(calls).not.toContain('GET apis/Orders/revisions');
  // Whether the list holds these is not known.
  expect(calls).toContain('GET apis/Graph/resolvers');
  expect(calls).toContain('GET workspaces/Team-A/apis/Orders/operations');
});

test('a list of policies that leaves one out is not gone by', async () => {
  const kit = filled();
  kit.service.lists = (path) => !path.startsWith('workspaces/') && !path.startsWith('products/');
  await kit.round();
  const { calls } = await kit.round();
  expect(calls).toContain('GET apis/Orders/operations');
  await expectAgreement(kit);
});

test('a list of policies that begins to leave some out loses its trust', async () => {
  const kit = filled();
  await kit.round();
  kit.service.lists = () => false;
  await kit.round();
  await expectAgreement(kit);
  kit.service.policy('apis/Orders/operations/list/policies/policy', BY_ID);
  const { calls } = await kit.round();
  expect(calls).toContain('GET apis/Orders/operations');
  await expectAgreement(kit);
});

test('the list of policies is put to the test again after a week', async () => {
  const kit = filled();
  await kit.round('2026-11-01T00:00:00.000Z');
  const sixth = await kit.round('2026-11-07T00:00:00.000Z');
  expect(sixth.calls).not.toContain('GET apis/Orders/operations');
  const ninth = await kit.round('2026-11-09T00:00:00.000Z');
  expect(ninth.calls).toContain('GET apis/Orders/operations');
  expect(ninth.read).toBe(0);
  const tenth = await kit.round('2026-11-10T00:00:00.000Z');
  expect(tenth.calls).not.toContain('GET apis/Orders/operations');
});

test('where policies are not listed at all, everything is asked for', async () => {
  const kit = filled();
  kit.service.fault = (_, path) =>
    path === 'allpolicies' ? refuse(400, 'MethodNotAllowedInPricingTier') : undefined;
  await kit.round();
  const { calls } = await kit.round();
  expect(calls).toContain('GET apis/Orders/operations');
  await expectAgreement(kit);
});

test.each([
  'policies/policy',
  'apis/Orders',
  'apis/Orders;rev=2',
  'apis/Orders/operations/get',
  'apis/Graph',
  'apis/Graph/resolvers/orders',
  'products/starter',
  'policyFragments/sign-in',
  'backends/by-id',
  'namedValues/thumb',
  'gateways/on-premises',
  'workspaces/Team-A',
  'workspaces/Team-A/apis/Orders',
])('what %s used is forgotten when it is gone', async (path) => {
  const kit = filled();
  await kit.round();
  kit.service.remove(path);
  await kit.round();
  await expectAgreement(kit);
});

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

test('of a service that is gone no row is left', async () => {
  const kit = filled();
  await kit.round();
  kit.service.remove('');
  await kit.round();
  await expect(kit.index.asOf('gw')).resolves.toBeUndefined();
  expect([...kit.table.all().keys()]).toEqual([]);
});

test('a document that names more than a row holds may name anything', async () => {
  const kit = makeUsageKit();
  const many = Array.from(
    { length: 2_000 },
    (_, at) => `<authentication-certificate certificate-id="c${String(at)}" />`,
  );
  kit.service.policy('policies/policy', `<policies><inbound>${many.join('')}</inbound></policies>`);
  await kit.round();
  const first = await kit.index.of({ ...CLIENT, id: 'c0' }, []);
  expect(first?.references[0]).toMatchObject({ certainty: 'certain', by: 'id' });
  const last = await kit.index.of({ ...CLIENT, id: 'c1999' }, []);
  expect(last?.references).toEqual([expect.objectContaining({ certainty: 'possible' })]);
  expect((await kit.round()).read).toBe(0);
});

test('of a certificate that is named everywhere some documents are kept, and the others counted', async () => {
  const kit = makeUsageKit(10_000);
  for (let at = 0; at < 450; at += 1) {
    kit.service.put(`backends/b${String(at)}`, { credentials: { certificateIds: ['client'] } });
  }
  kit.service.policy('policies/policy', BY_ID);
  await kit.round();
  kit.table.counts.queries = 0;
  const usage = await kit.index.of(CLIENT, []);
  expect(usage?.references).toHaveLength(400);
  expect(usage?.leftOut).toBe(51);
  // The row of the round, and one query for each key.
  expect(kit.table.counts.queries).toBe(3);
});

test('what is kept holds no text that looks like a thumbprint, since it may be a key', async () => {
  const kit = filled();
  const key = 'a94a8fe5ccb19ba61c4c0873d391e987982fbbd3';
  kit.service.policy(
    'policies/policy',
    `<policies><inbound><set-header name="x-api-key"><value>${key}</value></set-header>
       <set-variable name="a" value="the key ${key}" />
       <set-variable name="b" value="@(certificate == &quot;${key}{{x}}&quot;)" /></inbound></policies>`,
  );
  kit.service.put('namedValues/key', { displayName: 'key', value: key });
  kit.service.put('backends/b', { credentials: { certificate: [key] } });
  await kit.round();
  const kept = JSON.stringify([...kit.table.all()]).toLowerCase();
  expect(kept).not.toContain(key);
  expect(kept).not.toContain(THUMBPRINT.toLowerCase());
  const found = await kit.index.of({ ...CLIENT, id: 'none' }, [key]);
  const documents = found?.references
    .filter(({ by }) => by === 'thumbprint')
    .map(({ document }) => document);
  const byThumbprint = await kit.index.ofThumbprint('gw', key.toUpperCase());
  expect(byThumbprint?.references.map(({ document }) => document)).toEqual(documents);
  expect(new Set(documents)).toEqual(new Set(['backends/b', 'namedValues/key', 'policies/policy']));
});

describe('a named value and a certificate in another scope', () => {
  const named = (documents: readonly CertificateReference[] | undefined) =>
    documents?.map(({ document, certainty }) => `${document} ${certainty}`);

  test("of the service may name a workspace's", async () => {
    const kit = makeUsageKit();
    kit.service.put('workspaces/Team-A');
    kit.service.put('workspaces/Team-A/certificates/client');
    kit.service.put('namedValues/x', { displayName: 'x', value: 'client' });
    kit.service.policy('workspaces/Team-A/policies/policy', policyBy('certificate-id="{{x}}"'));
    await kit.round();
    expect(named((await kit.index.of(IN_TEAM, []))?.references)).toEqual([
      'workspaces/Team-A/policies/policy possible',
    ]);
    await expectAgreement(kit);
  });

  test("of a workspace may name the service's", async () => {
    const kit = makeUsageKit();
    kit.service.put('workspaces/Team-A');
    kit.service.put('certificates/client');
    kit.service.put('workspaces/Team-A/namedValues/x', { displayName: 'x', value: 'client' });
    kit.service.policy('workspaces/Team-A/policies/policy', policyBy('certificate-id="{{x}}"'));
    await kit.round();
    expect(named((await kit.index.of(CLIENT, []))?.references)).toEqual([
      'workspaces/Team-A/policies/policy possible',
    ]);
    await expectAgreement(kit);
  });

  test('may name it by the id of the resource', async () => {
    const kit = makeUsageKit();
    const value =
      '/subscriptions/5eed0000-0000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.ApiManagement/service/gw/certificates/client';
    kit.service.put('namedValues/x', { displayName: 'x', value });
    kit.service.policy('policies/policy', policyBy('certificate-id="{{x}}"'));
    await kit.round();
    expect(named((await kit.index.of(CLIENT, []))?.references)).toEqual([
      'policies/policy certain',
    ]);
    await expectAgreement(kit);
  });

  test('is looked for without listing the certificates of the service for every workspace', async () => {
    const kit = makeUsageKit(10_000);
    for (const team of ['a', 'b', 'c']) {
      kit.service.put(`workspaces/${team}`);
      kit.service.put(`workspaces/${team}/namedValues/x`, { displayName: 'x', value: 'client' });
    }
    const { calls } = await kit.round();
    expect(calls.filter((call) => call === 'GET certificates')).toHaveLength(1);
  });
});

test('what refers by a thumbprint is told apart from the many documents that refer by the id', async () => {
  const kit = makeUsageKit(100_000);
  kit.service.put('certificates/client');
  for (let at = 0; at < 405; at += 1) {
    kit.service.put(`backends/b${String(at)}`, { credentials: { certificateIds: ['client'] } });
  }
  await kit.round();
  await expect(kit.index.of(CLIENT, [THUMBPRINT])).resolves.toMatchObject({ leftOut: 5 });
  const none = await kit.index.ofThumbprint('gw', THUMBPRINT);
  expect(none).toMatchObject({ references: [] });
  expect(none).not.toHaveProperty('leftOut');

  kit.service.put('backends/z', { credentials: { certificate: [THUMBPRINT] } });
  await kit.round();
  const one = await kit.index.ofThumbprint('gw', THUMBPRINT);
  expect(one?.references.map(({ document }) => document)).toEqual(['backends/z']);
});
