/** Who may call the API where people sign in, through the whole system. */
import { makeWire, type Wire } from '../../support/system/azure-wire.ts';
import {
  cleanUpSystems,
  eventually,
  startTestSystem,
  type RunningSystem,
} from '../../support/system/running-system.ts';
import { makePfx } from '../../support/system/openssl.ts';
import { principalHeader } from '../../support/principals.ts';

const ROLES = ['Certkeeper.Read', 'Certkeeper.Upload', 'Certkeeper.Manage'];

let system: RunningSystem;
let wire: Wire;
beforeAll(async () => {
  system = await startTestSystem({ signIn: { roles: ROLES } });
  wire = makeWire(system);
});
afterAll(cleanUpSystems);

/** `Authorization` of somebody with these roles; of nobody without an argument. */
async function as(...roles: string[]): Promise<Record<string, string>> {
  const address = `${system.hostUrl}/.auth/token?name=Ada&roles=${roles.join(',')}`;
  const token = await (await fetch(address)).text();
  return { authorization: `Bearer ${token.trim()}` };
}
const nobody = { authorization: '' };
const sync = (headers: Record<string, string>) =>
  wire.api('/certificates/contoso-kv/gateway-client/sync', 'POST', undefined, headers);

describe('where people sign in', () => {
  test('nobody gets in without, and is told how', async () => {
    const answer = await wire.api('/certificates', 'GET', undefined, nobody);
    expect(answer).toMatchObject({ status: 401, body: { code: 'NOT_SIGNED_IN' } });
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer /);
    expect(await sync(nobody)).toMatchObject({ status: 401 });
  });

  test('a function key is no sign-in', async () => {
    const headers = { ...nobody, 'x-functions-key': system.keys.master };
    expect(await wire.api('/certificates', 'GET', undefined, headers)).toMatchObject({
      status: 401,
    });
  });

  test('a principal that somebody made up outside is not believed', async () => {
    const forged = {
      ...nobody,
      'x-ms-client-principal': principalHeader(ROLES),
      'X-MS-CLIENT-PRINCIPAL-ID': 'x',
      'x-ms-client-principal-name': 'admin',
      'x-ms-client-principal-idp': 'aad',
      'x-ms-token-aad-id-token': 'x',
    };
    expect(await sync(forged)).toMatchObject({ status: 401, body: { code: 'NOT_SIGNED_IN' } });
    expect(await sync({ ...forged, ...(await as('Certkeeper.Read')) })).toMatchObject({
      status: 403,
      body: { code: 'ROLE_MISSING' },
    });
  });

  test('the role decides, and the refusal names it', async () => {
    expect(await wire.api('/certificates', 'GET', undefined, await as())).toMatchObject({
      status: 403,
      body: { code: 'ROLE_MISSING', detail: 'This takes the app role Certkeeper.Read.' },
    });
    const reader = await as('Certkeeper.Read');
    expect(await wire.api('/certificates', 'GET', undefined, reader)).toMatchObject({
      status: 200,
    });
    expect(await sync(reader)).toMatchObject({ status: 403, body: { code: 'ROLE_MISSING' } });
    expect(await sync(await as('Certkeeper.Upload'))).toMatchObject({ status: 202 });
  });

  test('a page of another site changes nothing, and a page of the app does', async () => {
    const manager = await as('Certkeeper.Manage');
    for (const elsewhere of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      // The host takes pages of this machine; the app tells its own port from another.
      { origin: 'http://127.0.0.1:1' },
    ]) {
      expect(await sync({ ...manager, ...elsewhere })).toMatchObject({
        status: 403,
        body: { code: 'CROSS_SITE_REQUEST' },
      });
    }
    const own = { origin: system.hostUrl, 'sec-fetch-site': 'same-origin' };
    expect(await sync({ ...manager, ...own })).toMatchObject({ status: 202 });
    expect(await sync({ ...manager, origin: system.hostUrl })).toMatchObject({ status: 202 });
  });

  test('the history names who asked', async () => {
    const { value, password } = makePfx('of-ada.contoso.com');
    const form = { file: value, password, vault: 'contoso-kv', name: 'of-ada' };
    const uploader = await as('Certkeeper.Upload');
    expect(await wire.api('/certificates', 'POST', form, uploader)).toMatchObject({ status: 202 });
    const answer = await eventually(
      () => wire.api('/certificates/contoso-kv/of-ada'),
      ({ body }) => JSON.stringify(body).includes('"upload"'),
    );
    expect(answer.body).toMatchObject({
      history: [{ what: 'upload', by: { kind: 'entra', name: 'Ada' } }],
    });
  });

  test('the webhooks keep their own keys', async () => {
    const webhook = `${system.hostUrl}/runtime/webhooks/eventgrid?functionName=KeyVaultEvents`;
    const event = { method: 'POST', headers: { 'aeg-event-type': 'Notification' }, body: '[]' };
    const manager = await as('Certkeeper.Manage');
    const signedIn = { ...event, headers: { ...event.headers, ...manager } };
    expect((await fetch(webhook, event)).status).toBe(401);
    expect((await fetch(webhook, signedIn)).status).toBe(401);
    expect((await fetch(`${webhook}&code=${system.keys.eventGrid}`, event)).status).toBe(202);
    const instances = `${system.hostUrl}/runtime/webhooks/durabletask/instances`;
    expect((await fetch(instances, { headers: manager })).status).toBe(401);
    expect((await fetch(`${system.hostUrl}/admin/functions`, { headers: manager })).status).toBe(
      401,
    );
  });
});
