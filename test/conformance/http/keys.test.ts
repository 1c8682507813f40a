import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { conforms } from '../../support/conformance.ts';
import {
  cleanUpHosts,
  startHostProcess,
  type ServingHost,
} from '../../support/host/host-process.ts';
import { httpApp } from '../../support/host/http-app.ts';

const KEYS = 'https://learn.microsoft.com/azure/azure-functions/function-keys-how-to';
const API = 'https://github.com/Azure/azure-functions-host/wiki/Key-management-API';
const CONTROLLER =
  'Azure/azure-functions-host src/WebJobs.Script.WebHost/Controllers/KeysController.cs';
const HANDLER =
  'Azure/azure-functions-host src/WebJobs.Script.WebHost/Security/Authentication/Keys/AuthenticationLevelHandler.cs';

let host: ServingHost;
beforeAll(async () => {
  host = await startHostProcess({ files: { 'app.cjs': httpApp }, args: ['--require-keys'] });
});
afterAll(cleanUpHosts);

const statusOf = async (path: string, key?: string): Promise<number> =>
  (
    await fetch(`${host.url}${path}`, {
      headers: key === undefined ? {} : { 'x-functions-key': key },
    })
  ).status;

/** A call of the key API by the holder of the master key. */
async function api(method: string, path: string, value?: unknown) {
  const answer = await fetch(`${host.url}/admin/${path}`, {
    method,
    headers: { 'x-functions-key': host.keys.master, 'content-type': 'application/json' },
    ...(value === undefined ? {} : { body: JSON.stringify({ name: 'any', value }) }),
  });
  const text = await answer.text();
  const json: unknown = text.startsWith('{') ? JSON.parse(text) : text;
  return { status: answer.status, json, location: answer.headers.get('location') };
}
const valueOf = (json: unknown): string => String(Reflect.get(Object(json), 'value'));

describe('A function of level function', () => {
  conforms(KEYS, 'is closed without a key, and to a wrong one', async () => {
    expect(await statusOf('/api/one')).toBe(401);
    expect(await statusOf('/api/one', 'wrong')).toBe(401);
    expect(await statusOf('/api/one?code=wrong')).toBe(401);
    expect(await statusOf('/api/one?code=')).toBe(401);
  });

  conforms(KEYS, 'is opened by a host key and by the master key, in header or query', async () => {
    const { functionDefault, master } = host.keys;
    expect(await statusOf('/api/one', functionDefault)).toBe(200);
    expect(await statusOf(`/api/one?code=${functionDefault}`)).toBe(200);
    expect(await statusOf(`/api/one?CODE=${master}`)).toBe(200);
  });

  conforms(HANDLER, 'goes by the header where there is one, not by the query', async () => {
    expect(await statusOf(`/api/one?code=${host.keys.functionDefault}`, 'wrong')).toBe(401);
  });

  conforms(KEYS, 'is opened by its own keys, which open no other function', async () => {
    const own = valueOf((await api('GET', 'functions/one/keys/default')).json);
    expect(await statusOf('/api/one', own)).toBe(200);
    expect(await statusOf('/api/two', own)).toBe(401);
  });

  conforms(KEYS, 'is not opened by a system key', async () => {
    expect(await statusOf('/api/one', host.keys.eventGrid)).toBe(401);
  });
});

conforms(KEYS, 'A function of level admin is opened by the master key only', async () => {
  const own = valueOf((await api('POST', 'functions/owner/keys/own')).json);
  expect(await statusOf('/api/owner', own)).toBe(401);
  expect(await statusOf('/api/owner', host.keys.functionDefault)).toBe(401);
  expect(await statusOf('/api/owner', host.keys.master)).toBe(200);
});

describe('The key API', () => {
  conforms(API, 'is closed to everybody but the holder of the master key', async () => {
    for (const path of ['functions/one/keys', 'host/keys', 'host/systemkeys/_master']) {
      expect(await statusOf(`/admin/${path}`)).toBe(401);
      expect(await statusOf(`/admin/${path}`, host.keys.functionDefault)).toBe(401);
    }
  });

  conforms(API, 'lists a function’s keys with their addresses', async () => {
    const { json } = await api('GET', 'functions/two/keys');
    const address = `${host.url}/admin/functions/two/keys`;
    expect(json).toEqual({
      keys: [
        {
          name: 'default',
          value: expect.stringMatching(/^[\w-]{40,}$/) as unknown,
          links: [{ rel: 'self', href: `${address}/default` }],
        },
      ],
      links: [{ rel: 'self', href: address }],
    });
  });

  conforms(API, 'makes a key with a value of its own: 201, and 200 the next time', async () => {
    const first = await api('POST', 'functions/one/keys/partner');
    expect(first).toMatchObject({ status: 201, json: { name: 'partner' } });
    const second = await api('POST', 'functions/one/keys/partner');
    expect(second.status).toBe(200);
    expect(valueOf(second.json)).not.toBe(valueOf(first.json));
    expect(await statusOf('/api/one', valueOf(first.json))).toBe(401);
    expect(await statusOf('/api/one', valueOf(second.json))).toBe(200);
  });

  conforms(API, 'makes a key with a given value: 201, and 200 the next time', async () => {
    expect(await api('PUT', 'functions/one/keys/given', 'a value')).toMatchObject({
      status: 201,
      json: { name: 'given', value: 'a value' },
    });
    expect((await api('PUT', 'functions/one/keys/GIVEN', 'another')).status).toBe(200);
    expect((await api('GET', 'functions/one/keys/given')).json).toMatchObject({ value: 'another' });
  });

  conforms(CONTROLLER, 'takes no key without a value', async () => {
    expect((await api('PUT', 'functions/one/keys/given', null)).status).toBe(400);
    expect((await api('PUT', 'functions/one/keys/given', '')).status).toBe(400);
  });

  conforms(API, 'removes a key: 204; from then on it opens nothing', async () => {
    const key = valueOf((await api('POST', 'functions/two/keys/passing')).json);
    expect(await statusOf('/api/two', key)).toBe(200);
    expect((await api('DELETE', 'functions/two/keys/passing')).status).toBe(204);
    expect((await api('DELETE', 'functions/two/keys/passing')).status).toBe(404);
    expect(await statusOf('/api/two', key)).toBe(401);
  });

  conforms(API, 'has the keys of all functions, under two names', async () => {
    const key = valueOf((await api('POST', 'host/functionkeys/ci')).json);
    expect(await statusOf('/api/one', key)).toBe(200);
    expect(await statusOf('/api/two', key)).toBe(200);
    expect((await api('GET', 'host/keys/ci')).json).toMatchObject({ value: key });
    expect((await api('GET', 'host/keys')).json).toMatchObject({
      keys: [{ name: 'default', value: host.keys.functionDefault }, { name: 'ci' }],
    });
  });

  conforms(API, 'does not list the master key, and gives it under its reserved name', async () => {
    expect(JSON.stringify((await api('GET', 'host/systemkeys')).json)).not.toContain('_master');
    const { master } = host.keys;
    expect((await api('GET', 'host/systemkeys/_master')).json).toMatchObject({ value: master });
    expect((await api('DELETE', 'host/systemkeys/_master')).status).toBe(400);
    expect(await statusOf('/admin/host/status', master)).toBe(200);
  });

  conforms(KEYS, 'has the system keys of extensions', async () => {
    expect((await api('GET', 'host/systemkeys')).json).toMatchObject({
      keys: [
        { name: 'eventgrid_extension', value: host.keys.eventGrid },
        { name: 'durabletask_extension', value: host.keys.durable },
      ],
    });
  });

  conforms(CONTROLLER, 'knows no function that there is not, and no other key', async () => {
    expect((await api('GET', 'functions/nobody/keys')).status).toBe(404);
    expect((await api('POST', 'functions/nobody/keys/x')).status).toBe(404);
    expect((await api('GET', 'functions/one/keys/nothing')).status).toBe(404);
    expect((await api('GET', 'host/otherkeys')).status).toBe(404);
    expect((await api('PATCH', 'functions/one/keys/default')).status).toBe(405);
  });

  // Azure would be without it until somebody makes one; here the addresses of others need it.
  conforms(API, 'gives the host’s own keys another value when they are removed', async () => {
    const before = host.keys.functionDefault;
    expect((await api('DELETE', 'host/functionkeys/default')).status).toBe(204);
    expect(await statusOf('/api/one', before)).toBe(401);
    const { json } = await api('GET', 'host/functionkeys/default');
    expect(await statusOf('/api/one', valueOf(json))).toBe(200);
  });
});

conforms(KEYS, 'All keys are kept, in a file that only its owner may read', async () => {
  const kept = valueOf((await api('POST', 'functions/one/keys/constructor')).json);
  expect(await statusOf('/api/one', kept)).toBe(200);
  const renewed = valueOf((await api('PUT', 'host/systemkeys/_master', 'a new master key')).json);
  expect(renewed).toBe('a new master key');
  expect(await statusOf('/admin/host/status', host.keys.master)).toBe(401);
  await host.stop();
  const { stateDir } = host;
  const file = join(stateDir, 'keys.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8')).toContain(kept);

  host = await startHostProcess({
    files: { 'app.cjs': httpApp },
    stateDir,
    args: ['--require-keys'],
  });
  expect(host.keys.master).toBe(renewed);
  expect(await statusOf('/api/one', kept)).toBe(200);
});
