import { makeAccessRoute } from '../../../functions/triggers/access-route.ts';
import type { AccessCheck } from '../../../shared/domain/access-check.ts';
import { askRoute } from '../../support/ask-route.ts';

const PASSED: AccessCheck = {
  check: 'vault',
  severity: 'passed',
  resource: '/kv',
  message: 'there',
};
const wrong = (severity: 'blocks' | 'may-block' | 'notice'): AccessCheck => ({
  check: 'permission',
  severity,
  code: 'PERMISSION_MISSING',
  resource: '/kv',
  message: 'no role',
  cure: 'az role assignment create',
});
const BLIND: AccessCheck = {
  check: 'permission',
  severity: 'unknown',
  code: 'CERTKEEPER_PERMISSION_MISSING',
  message: 'may not look',
};

const APP = '0a5e0000-0000-4000-8000-000000000001';

async function ask(query: string, checks: readonly AccessCheck[] = [PASSED], vault = 'contoso-kv') {
  const check = jest.fn(() => Promise.resolve(checks));
  const route = makeAccessRoute({
    vaults: new Set(['contoso-kv']),
    services: new Set(['contoso-gw']),
    check,
    keyCare: { applications: new Set([APP]), classicSubscriptions: undefined },
    checkKey: check,
  });
  const path = `/certificates/${vault}/reports/access${query}`;
  const { status, body } = await askRoute(route, path, { params: { vault, name: 'reports' } });
  return { status, body, check };
}

describe('The access of a service to a certificate', () => {
  test('is answered for the full path of the target, with every check', async () => {
    const { status, body, check } = await ask('?target=Contoso-GW', [PASSED]);
    expect(status).toBe(200);
    expect(body).toEqual({
      source: 'contoso-kv/reports',
      target: 'contoso-gw/certificates/reports',
      verdict: 'clear',
      checks: [PASSED],
    });
    expect(check).toHaveBeenCalledTimes(1);
  });

  test('is answered for a workspace, which Certkeeper puts certificates into', async () => {
    const { status, body, check } = await ask('?target=contoso-gw/workspaces/Team-A', [PASSED]);
    expect(status).toBe(200);
    expect(body).toMatchObject({ target: 'contoso-gw/workspaces/team-a/certificates/reports' });
    expect(check.mock.calls[0]).toMatchObject([{}, { kind: 'workspace-certificate' }]);
  });

  test.each<[AccessCheck[], string]>([
    [[PASSED, wrong('notice')], 'clear'],
    [[BLIND, wrong('notice')], 'unknown'],
    [[BLIND, wrong('may-block')], 'may-block'],
    [[wrong('may-block'), BLIND, wrong('blocks')], 'blocks'],
  ])('is summed up by the gravest answer: %#', async (checks, verdict) => {
    expect((await ask('?target=contoso-gw', checks)).body).toMatchObject({ verdict });
  });

  test.each([
    ['no target', '', 400, 'INVALID_REQUEST'],
    ['a target that cannot be read', '?target=contoso-gw/what', 400, 'INVALID_REQUEST'],
    ['another kind of target', '?target=contoso-gw/ca/Root', 422, 'TARGET_UNSUPPORTED'],
    ['a service that is not under care', '?target=other-gw', 404, 'SERVICE_NOT_CONFIGURED'],
  ])('is not looked for with %s', async (_, query, status, code) => {
    const answer = await ask(query);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ code });
    expect(answer.check).not.toHaveBeenCalled();
  });

  test('is not looked for in a vault that is not under care', async () => {
    const answer = await ask('?target=contoso-gw', [], 'other-kv');
    expect(answer).toMatchObject({ status: 404, body: { code: 'VAULT_NOT_CONFIGURED' } });
  });

  test('is answered for an application, where its key is registered', async () => {
    const { status, body } = await ask(`?target=entra/applications/${APP}`, [PASSED]);
    expect(status).toBe(200);
    expect(body).toMatchObject({ target: `entra/applications/${APP}`, verdict: 'clear' });
  });

  test.each([
    ['entra/applications/0a5e0000-0000-4000-8000-00000000dead', 'APPLICATION_NOT_CONFIGURED'],
    ['classic/subscriptions/0a5e0000-0000-4000-8000-00000000dead', 'TARGET_RETIRED'],
  ])('is not asked about where nothing is registered: %s', async (target, code) => {
    const { body, check } = await ask(`?target=${target}`);
    expect(body).toMatchObject({ code });
    expect(check).not.toHaveBeenCalled();
  });
});
