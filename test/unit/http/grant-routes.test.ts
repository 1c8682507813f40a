import {
  makeGrantRoute,
  makeTakeBackRoute,
  type GrantRoutePorts,
} from '../../../functions/triggers/grant-routes.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import type { Caller } from '../../../shared/http/caller.ts';
import { askRoute } from '../../support/ask-route.ts';

const PAT: Caller = { kind: 'entra', id: 'p', name: 'Pat', roles: ['Certkeeper.Manage'] };
const PARAMS = { vault: 'Contoso-KV', name: 'Reports' };
const SOURCE = { vault: 'contoso-kv', name: 'reports' };
const TARGET = { kind: 'client-certificate', service: 'contoso-gw', id: 'reports' };
const FIREWALL = {
  code: 'VAULT_FIREWALL',
  message: 'closed',
  resource: '/kv',
  cure: 'az',
} as const;
const STEP = { kind: 'assign-role', message: 'Giving', command: 'az role' } as const;

function world({ allowed = true, running = false, quicker = false } = {}) {
  let runs = running;
  const started: unknown[] = [];
  const taken: unknown[] = [];
  const ports: GrantRoutePorts = {
    vaults: new Set(['contoso-kv']),
    services: new Set(['contoso-gw']),
    requireConsent: () => {
      if (!allowed) throw new TerminalError({ code: 'BINDING_NOT_ALLOWED', message: 'no' });
    },
    plan: () => Promise.resolve({ steps: [STEP], obstacles: [FIREWALL] }),
    takeBack: (input) => {
      taken.push(input);
      return Promise.resolve({ takenBack: [{ kind: 'assign-role', message: 'gone' }], left: [] });
    },
    findStatus: () =>
      // Nothing else of a status is looked at.
      Promise.resolve(runs ? ({ runtimeStatus: 'Running' } as never) : undefined),
  };
  const client = {
    getStatus: () => Promise.reject(new Error('not used')),
    startNew: (name: string, options: unknown) => {
      if (quicker) {
        runs = true;
        return Promise.reject(new Error('HTTP 409'));
      }
      started.push([name, options]);
      return Promise.resolve('id');
    },
  };
  const ask = (method: 'POST' | 'DELETE', query: string) =>
    askRoute(
      method === 'POST' ? makeGrantRoute(ports) : makeTakeBackRoute(ports),
      `/certificates/contoso-kv/reports/access/grant${query}`,
      { params: PARAMS, caller: PAT, client },
    );
  return { ask, started, taken, routes: [makeGrantRoute(ports), makeTakeBackRoute(ports)] };
}

describe('a grant by hand', () => {
  it('is started for the full path of the target, with who asked', async () => {
    const { ask, started } = world();
    const { status, body, headers } = await ask('POST', '?target=contoso-gw');
    expect(status).toBe(202);
    const { id } = body as { id: string };
    expect(id).toMatch(/^grant-[0-9a-f]{20}$/);
    expect(body).toMatchObject({ source: SOURCE, target: 'contoso-gw/certificates/reports' });
    expect(headers.get('location')).toBe(`/api/operations/${id}`);
    const by = { kind: 'entra', id: 'p', name: 'Pat' };
    expect(started).toEqual([
      ['GrantAccess', { instanceId: id, input: { source: SOURCE, target: TARGET, by } }],
    ]);
  });

  it('joins the one that is running', async () => {
    const { ask, started } = world({ running: true });
    expect((await ask('POST', '?target=contoso-gw')).status).toBe(202);
    expect(started).toEqual([]);
  });

  it('joins the one that somebody else started at the same moment', async () => {
    const { ask } = world({ quicker: true });
    expect((await ask('POST', '?target=contoso-gw')).status).toBe(202);
  });

  it('says in a dry run what it would give, with commands, and what would be left in the way', async () => {
    const { ask, started } = world();
    const { status, body } = await ask('POST', '?target=contoso-gw&dryRun=true');
    expect(status).toBe(200);
    expect(body).toEqual({
      dryRun: true,
      source: 'contoso-kv/reports',
      target: 'contoso-gw/certificates/reports',
      steps: [STEP],
      obstacles: [FIREWALL],
    });
    expect(started).toEqual([]);
  });

  it.each(['', '&dryRun=true'])('is refused for a pair that is not allowed%s', async (more) => {
    const { ask, started } = world({ allowed: false });
    const answer = await ask('POST', `?target=contoso-gw${more}`);
    expect(answer).toMatchObject({ status: 403, body: { code: 'BINDING_NOT_ALLOWED' } });
    expect(started).toEqual([]);
  });

  it('needs the role Certkeeper.Upload, as all that stays within the rules, and so does taking back', () => {
    const { routes } = world();
    expect(routes.map(({ role }) => role)).toEqual(['Certkeeper.Upload', 'Certkeeper.Upload']);
  });

  it.each([
    ['no target', '', 400],
    ['another kind of target', '?target=contoso-gw/ca/Root', 422],
    ['a workspace', '?target=contoso-gw/workspaces/team', 422],
    ['a service that is not under care', '?target=other-gw', 404],
    ['a flag that is neither', '?target=contoso-gw&dryRun=perhaps', 400],
  ])('is refused with %s', async (_, query, status) => {
    const { ask, started, taken } = world();
    expect((await ask('POST', query)).status).toBe(status);
    expect((await ask('DELETE', query)).status).toBe(status);
    expect([...started, ...taken]).toEqual([]);
  });
});

describe('taking back', () => {
  it.each([
    ['', false],
    ['&dryRun=true', true],
  ])('answers what is taken back and what stays%s', async (more, dryRun) => {
    const { ask, taken } = world();
    const { status, body } = await ask('DELETE', `?target=contoso-gw${more}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ dryRun, takenBack: [{ message: 'gone' }], left: [] });
    expect(taken).toMatchObject([{ source: SOURCE, target: TARGET, dryRun, by: { name: 'Pat' } }]);
  });
});
