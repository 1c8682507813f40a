import { inspect } from 'node:util';
import { makePushedCertificates } from '../../../shared/azure/pushed-certificates.ts';
import { TransientError } from '../../../shared/domain/errors.ts';
import type { PushedCertificates } from '../../../shared/domain/target-ports.ts';
import type { CertificateTarget } from '../../../shared/domain/target.ts';
import { NEW_THUMBPRINT, SUFFIX, TARGET, WORKSPACE_TARGET } from '../../support/domain-samples.ts';
import {
  makeScriptedAzure,
  refuse,
  type Answer,
  type Sent,
} from '../../support/fake-http-client.ts';

const SUBSCRIPTION = '5eed0000-0000-4000-8000-000000000001';
const SERVICE = {
  id: `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-contoso/providers/Microsoft.ApiManagement/service/contoso-gw`,
  subscriptionId: SUBSCRIPTION,
  resourceGroup: 'rg-contoso',
  name: 'contoso-gw',
};
const WORKSPACE = `${SERVICE.id}/workspaces/team-a`;
const PATHS = {
  'client-certificate': `${SERVICE.id}/certificates/gateway-client`,
  'workspace-certificate': `${WORKSPACE}/certificates/gateway-client`,
} as const;
const PFX = Buffer.from('a private key that must not be told');
const BASE64 = PFX.toString('base64');

const found: Answer = {
  status: 200,
  body: {
    name: 'gateway-client',
    properties: { subject: 'CN=a', thumbprint: NEW_THUMBPRINT.toLowerCase() },
  },
  headers: { etag: '"7"' },
};
const PRESENT = {
  reference: { kind: 'uploaded' },
  thumbprint: NEW_THUMBPRINT,
  etag: '"7"',
};

function over(answer: Answer | ((sent: Sent) => Answer)) {
  const azure = makeScriptedAzure(typeof answer === 'function' ? answer : () => answer);
  return { ...azure, pushed: makePushedCertificates(azure.clients, [SERVICE], SUFFIX) };
}

describe.each<[CertificateTarget]>([[WORKSPACE_TARGET], [TARGET]])('A pushed $kind', (target) => {
  const path = PATHS[target.kind];

  test('is read with the state that it is in', async () => {
    const { pushed, sent } = over(found);
    await expect(pushed.observe(target)).resolves.toEqual({ kind: 'present', installed: PRESENT });
    expect(sent).toMatchObject([{ method: 'GET', path }]);
  });

  test('is put there as data, with the empty password that Key Vault gives it', async () => {
    const { pushed, sent } = over(found);
    await expect(pushed.push(target, PFX, undefined)).resolves.toEqual(PRESENT);
    expect(sent).toMatchObject([{ method: 'PUT', path, ifMatch: undefined }]);
    expect(sent[0]?.body).toEqual({ properties: { data: BASE64, password: '' } });
  });

  test('replaces only what was seen', async () => {
    const { pushed, sent } = over(found);
    await pushed.push(target, PFX, '"6"');
    expect(sent).toMatchObject([{ method: 'PUT', path, ifMatch: '"6"' }]);
  });

  test('is deleted only as it was seen', async () => {
    const { pushed, sent } = over({ status: 200 });
    await pushed.remove(target, '"6"');
    expect(sent).toMatchObject([{ method: 'DELETE', path, ifMatch: '"6"' }]);
  });

  test.each<[Answer]>([[{ status: 204 }], [refuse(404, 'ResourceNotFound')]])(
    'that is gone already needs no deleting ($status)',
    async (answer) => {
      await expect(over(answer).pushed.remove(target, '*')).resolves.toBeUndefined();
    },
  );

  test('is absent when what it would belong to is there', async () => {
    const { pushed } = over((one) =>
      one.path === path ? refuse(404, 'ResourceNotFound') : { status: 200, body: { name: 'a' } },
    );
    await expect(pushed.observe(target)).resolves.toEqual({ kind: 'absent' });
  });

  const push = (one: PushedCertificates) => one.push(target, PFX, '"1"');
  const create = (one: PushedCertificates) => one.push(target, PFX, undefined);
  const remove = (one: PushedCertificates) => one.remove(target, '"1"');

  test.each<[string, (one: PushedCertificates) => Promise<unknown>, Answer, string]>([
    ['a push over what changed', push, refuse(412, 'PreconditionFailed'), 'TARGET_CHANGED'],
    ['a push where something came', create, refuse(412, 'PreconditionFailed'), 'TARGET_CHANGED'],
    ['a push that collides for good', create, refuse(409, 'ResourceExists'), 'TARGET_CHANGED'],
    ['a push that is refused', push, refuse(400, 'ValidationError'), 'AZURE_REFUSED'],
    ['a push to a service that is gone', push, refuse(404, 'NotFound'), 'SERVICE_NOT_FOUND'],
    [
      'a push without permission',
      push,
      refuse(403, 'AuthorizationFailed'),
      'CERTKEEPER_PERMISSION_MISSING',
    ],
    ['deleting what changed', remove, refuse(412, 'PreconditionFailed'), 'TARGET_CHANGED'],
  ])('says why not: %s', async (_, change, answer, code) => {
    const error: unknown = await change(over(answer).pushed).catch((one: unknown) => one);
    expect(error).toMatchObject({ name: 'TerminalError', problem: { code } });
  });

  test.each([400, 403, 404, 409, 412, 500])(
    'takes no private key into an error (%i)',
    async (status) => {
      const { pushed } = over(refuse(status, 'SomeCode'));
      const error: unknown = await push(pushed).catch((one: unknown) => one);
      const shown = inspect(error, { depth: 20, customInspect: false });
      expect(error).toBeInstanceOf(Error);
      expect(shown).not.toContain(BASE64);
      expect(shown).not.toContain(PFX.toString());
    },
  );

  test('waits while the service is being changed', async () => {
    const locked = { ...refuse(409, 'ServiceLocked'), headers: { 'retry-after': '45' } };
    const error: unknown = await push(over(locked).pushed).catch((one: unknown) => one);
    expect(error).toBeInstanceOf(TransientError);
    expect(error).toMatchObject({ retryAfterSeconds: 45 });
  });

  test('is never looked for at a service that is not under care', async () => {
    const { pushed, sent } = over(found);
    await expect(pushed.observe({ ...target, service: 'foreign-gw' })).rejects.toMatchObject({
      problem: { code: 'SERVICE_NOT_CONFIGURED' },
    });
    expect(sent).toEqual([]);
  });
});

describe('A workspace', () => {
  const goneWorkspace = ({ path }: Sent): Answer =>
    path === SERVICE.id
      ? { status: 200, body: { name: 'contoso-gw', sku: {}, properties: {} } }
      : refuse(404, 'ResourceNotFound');

  test.each<[string, (one: PushedCertificates) => Promise<unknown>]>([
    ['read', (one) => one.observe(WORKSPACE_TARGET)],
    ['put', (one) => one.push(WORKSPACE_TARGET, PFX, undefined)],
    ['list', (one) => one.list('contoso-gw', 'team-a')[Symbol.asyncIterator]().next()],
  ])('that is gone is not taken for an absent certificate (%s)', async (_, call) => {
    await expect(call(over(goneWorkspace).pushed)).rejects.toMatchObject({
      problem: { code: 'WORKSPACE_NOT_FOUND', resource: 'contoso-gw/workspaces/team-a' },
    });
  });

  test('is listed page by page', async () => {
    const next = `https://management.azure.com${WORKSPACE}/certificates?$skip=1&api-version=2024-05-01`;
    const { pushed, sent } = over(({ query }) =>
      query.has('$skip')
        ? { status: 200, body: { value: [{ name: 'second', properties: {} }] } }
        : { status: 200, body: { value: [found.body], nextLink: next } },
    );
    const listed = [];
    for await (const one of pushed.list('contoso-gw', 'team-a')) listed.push(one);
    expect(listed).toMatchObject([
      { id: 'gateway-client', installed: { thumbprint: NEW_THUMBPRINT } },
      { id: 'second', installed: { reference: { kind: 'uploaded' } } },
    ]);
    expect(sent[0]?.path).toBe(`${WORKSPACE}/certificates`);
  });
});
