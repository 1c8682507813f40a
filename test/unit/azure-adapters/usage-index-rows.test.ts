import type { CertificateReference } from '../../../shared/domain/certificate-use.ts';
import { CLIENT, IN_TEAM, makeUsageKit } from '../../support/usage-kit.ts';
import { policyBy, THUMBPRINT } from '../../support/usage-sample.ts';
import { BY_ID, expectAgreement, filled } from '../../support/filled-usage.ts';

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
