import { makeUsageScanner } from '../../../shared/azure/usage/usage-scanner.ts';
import { TerminalError, TransientError } from '../../../shared/domain/errors.ts';
import type { CertificateReference } from '../../../shared/domain/certificate-use.ts';
import type { CertificateTarget } from '../../../shared/domain/target.ts';
import { CARED_FOR, makeFakeService, type FakeService } from '../../support/fake-service.ts';
import { refuse } from '../../support/fake-http-client.ts';
import { fill, policyBy, THUMBPRINT } from '../../support/usage-sample.ts';

const NOW = '2026-11-27T12:00:00.000Z';
const CLIENT: CertificateTarget = { kind: 'client-certificate', service: 'gw', id: 'client' };
const IN_TEAM: CertificateTarget = {
  kind: 'workspace-certificate',
  service: 'gw',
  workspace: 'team-a',
  id: 'client',
};

function scan(service: FakeService) {
  return makeUsageScanner(
    service.clients,
    [CARED_FOR],
    'vault.azure.net',
    () => new Date(NOW),
  ).scan('gw');
}

const isSureById = ({ by, certainty }: CertificateReference) =>
  by === 'id' && certainty === 'certain';

function filled(): FakeService {
  const service = makeFakeService();
  fill(service);
  return service;
}

test('every document in which a certificate is named is found, at the service', async () => {
  const usage = await scan(filled());
  const found = usage.of(CLIENT, [THUMBPRINT]).filter(isSureById);
  expect(found.map(({ document }) => document).sort()).toEqual([
    'apis/Graph/resolvers/orders/policies/policy',
    'apis/Orders/operations/get/policies/policy',
    'apis/Orders/policies/policy',
    'apis/Orders;rev=2/operations/get/policies/policy',
    'apis/Orders;rev=2/policies/policy',
    'backends/by-id',
    'backends/cluster',
    'gateways/on-premises/certificateAuthorities/client',
    'gateways/on-premises/hostnameConfigurations/default',
    'policies/policy',
    'policyFragments/sign-in',
    'products/starter/policies/policy',
  ]);
  expect(usage.asOf).toBe(NOW);
});

test('and in a workspace', async () => {
  const usage = await scan(filled());
  const found = usage.of(IN_TEAM, []).filter(isSureById);
  expect(found.map(({ document }) => document).sort()).toEqual(
    [
      'apis/Orders/operations/get/policies/policy',
      'apis/Orders/policies/policy',
      'apis/Orders;rev=2/operations/get/policies/policy',
      'apis/Orders;rev=2/policies/policy',
      'backends/by-id',
      'backends/cluster',
      'policies/policy',
      'policyFragments/sign-in',
      'products/starter/policies/policy',
    ].map((path) => `workspaces/Team-A/${path}`),
  );
});

test('thumbprints are found in backends and named values', async () => {
  const usage = await scan(filled());
  const found = usage
    .of(CLIENT, [THUMBPRINT.toLowerCase()])
    .filter(({ by }) => by === 'thumbprint');
  expect(found).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ document: 'backends/by-thumbprint', repairable: true }),
      expect.objectContaining({ document: 'backends/cluster', repairable: false }),
      expect.objectContaining({ document: 'namedValues/thumb' }),
    ]),
  );
});

test('what reads Key Vault by itself is found by its source', async () => {
  const usage = await scan(filled());
  const found = usage.ofSource({ vault: 'contoso-kv', name: 'api-contoso-com' });
  expect(found.map(({ document }) => document).sort()).toEqual([
    'hostnames/api.contoso.com',
    'namedValues/read',
    'workspaces/Team-A/namedValues/read',
  ]);
});

test('a revision is found that the list of APIs does not show', async () => {
  const service = filled();
  service.listsRevisions = false;
  const usage = await scan(service);
  expect(usage.of(CLIENT, [])).toContainEqual(
    expect.objectContaining({ document: 'apis/Orders;rev=2/operations/get/policies/policy' }),
  );
});

test('lists are read to their last page', async () => {
  const service = makeFakeService();
  service.page = 2;
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    service.put(`apis/${name}`);
    service.policy(`apis/${name}/policies/policy`, policyBy('certificate-id="client"'));
  }
  expect((await scan(service)).of(CLIENT, [])).toHaveLength(5);
});

test('what a list passes over, since something before it goes meanwhile, is found all the same', async () => {
  const service = makeFakeService();
  service.page = 2;
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    service.put(`apis/${name}`);
    service.policy(`apis/${name}/policies/policy`, policyBy('certificate-id="client"'));
  }
  let pages = 0;
  service.fault = (_, path) => {
    pages += path === 'apis' ? 1 : 0;
    if (pages === 2) service.remove('apis/a');
    return undefined;
  };
  const documents = (await scan(service)).of(CLIENT, []).map(({ document }) => document);
  expect(documents).toEqual(['b', 'c', 'd', 'e'].map((name) => `apis/${name}/policies/policy`));
});

test('a tier without gateways and workspaces has none', async () => {
  const service = filled();
  const refusal = refuse(400, 'MethodNotAllowedInPricingTier');
  service.fault = (_, path) => (/^(gateways|workspaces)$/.test(path) ? refusal : undefined);
  const usage = await scan(service);
  expect(usage.of(CLIENT, []).some(({ kind }) => kind === 'gateway-ca')).toBe(false);
  expect(usage.of(IN_TEAM, [])).toEqual([]);
});

test('another refusal of a list is an error', async () => {
  const service = filled();
  service.fault = (_, path) => (path === 'gateways' ? refuse(400, 'ValidationError') : undefined);
  await expect(scan(service)).rejects.toMatchObject({ problem: { code: 'AZURE_REFUSED' } });
});

test.each([
  'policies/policy',
  'apis',
  'apis/orders/operations',
  'apis/orders/operations/get/policies/policy',
  'apis/orders/revisions',
  'apis/graph/resolvers',
  'products',
  'policyfragments/sign-in',
  'backends',
  'namedvalues',
  'gateways/on-premises/certificateauthorities',
  'workspaces',
  'workspaces/team-a/backends',
  'workspaces/team-a/apis/orders/operations/get/policies/policy',
])('nothing is concluded when %s may not be read', async (unread) => {
  const service = filled();
  service.fault = (_, path) => (path === unread ? refuse(403, 'AuthorizationFailed') : undefined);
  const refusal = expect(scan(service)).rejects;
  await refusal.toBeInstanceOf(TerminalError);
  await refusal.toMatchObject({ problem: { code: 'CERTKEEPER_PERMISSION_MISSING' } });
});

test('a service that is gone uses nothing', async () => {
  const service = filled();
  service.remove('');
  const usage = await scan(service);
  expect(usage.of(CLIENT, [THUMBPRINT])).toEqual([]);
});

test('an API that goes while it is read uses nothing, and the others do', async () => {
  const service = filled();
  service.put('apis/Other');
  service.policy('apis/Other/policies/policy', policyBy('certificate-id="client"'));
  service.fault = (_, path) => {
    if (path === 'apis/orders/operations') service.remove('apis/Orders');
    return undefined;
  };
  const documents = (await scan(service)).of(CLIENT, []).map(({ document }) => document);
  expect(documents).toContain('apis/Other/policies/policy');
  expect(documents).not.toContain('apis/Orders/policies/policy');
});

test('a workspace that goes while it is read uses nothing', async () => {
  const service = filled();
  service.fault = (_, path) => {
    if (path === 'workspaces/team-a/policies/policy') service.remove('workspaces/Team-A');
    return undefined;
  };
  expect((await scan(service)).of(IN_TEAM, [])).toEqual([]);
});

test('a list that is not found, though what it belongs to is there, is an error', async () => {
  const service = filled();
  service.fault = (_, path) =>
    path === 'apis/orders/operations' ? refuse(404, 'ResourceNotFound') : undefined;
  await expect(scan(service)).rejects.toMatchObject({ problem: { code: 'AZURE_REFUSED' } });
});

test('throttling is waited out, and given up as something that passes', async () => {
  const service = filled();
  let refusals = 2;
  service.fault = (_, path) => {
    if (path !== 'products' || refusals === 0) return undefined;
    refusals -= 1;
    return { ...refuse(429, 'TooManyRequests'), headers: { 'retry-after': '0' } };
  };
  await expect(scan(service)).resolves.toBeDefined();
  refusals = 100;
  await expect(scan(service)).rejects.toBeInstanceOf(TransientError);
});

describe('scans of one service', () => {
  /** A scan that stands still in the middle until it is let go on. */
  function held() {
    const service = filled();
    const scanner = makeUsageScanner(
      service.clients,
      [CARED_FOR],
      'vault.azure.net',
      () => new Date(NOW),
    );
    const begun = () => service.calls.filter((call) => call === 'GET policies/policy').length;
    return { service, scanner, begun };
  }

  test('that are asked for while one runs are one, which begins afterwards', async () => {
    const { service, scanner, begun } = held();
    const first = scanner.scan('gw');
    const [second, third] = [scanner.scan('gw'), scanner.scan('GW')];
    // What came after the first was asked for is seen by those that were asked for later.
    service.put('apis/New');
    service.policy('apis/New/policies/policy', policyBy('certificate-id="new"'));
    const target: CertificateTarget = { ...CLIENT, id: 'new' };
    await first;
    expect(begun()).toBe(1);
    const later = await Promise.all([second, third]);
    expect(begun()).toBe(2);
    for (const usage of later) {
      expect(usage.of(target, []).map(({ document }) => document)).toEqual([
        'apis/New/policies/policy',
      ]);
    }
  });

  test('that are asked for after the next has begun are another one', async () => {
    const { scanner, begun } = held();
    const first = scanner.scan('gw');
    const second = scanner.scan('gw');
    await first;
    await new Promise(setImmediate);
    const third = scanner.scan('gw');
    await Promise.all([second, third]);
    expect(begun()).toBe(3);
  });

  test('do not fail with the one before', async () => {
    const { service, scanner } = held();
    let refused = 0;
    service.fault = (_, path) =>
      path === 'products' && (refused += 1) === 1 ? refuse(403, 'AuthorizationFailed') : undefined;
    const first = scanner.scan('gw');
    const second = scanner.scan('gw');
    await expect(first).rejects.toBeInstanceOf(TerminalError);
    await expect(second).resolves.toBeDefined();
    await expect(scanner.scan('gw')).resolves.toBeDefined();
  });

  test('run one after another however they are asked for', async () => {
    const { service, scanner } = held();
    let [running, most] = [0, 0];
    service.fault = (_, path) => {
      if (path === '') running += 1;
      most = Math.max(most, running);
      return undefined;
    };
    const scans = Array.from({ length: 10 }, () =>
      scanner.scan('gw').finally(() => {
        running = 0;
      }),
    );
    await Promise.all(scans);
    expect(most).toBe(1);
  });
});
