/** `npm start` and `npm run reset` as a newcomer meets them. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { makeAppClient } from '../../../local/console/app-client.ts';
import { makeAzureWire } from '../../../local/seed/azure-wire.ts';
import {
  importCertificate,
  readCertificate,
  readInstalled,
} from '../../../local/seed/certificates.ts';
import { waitFor } from '../../../local/console/wait-for.ts';
import { FABRIKAM_ID } from '../../../local/seed/fabrikam/names.ts';
import { TROUBLES } from '../../../local/seed/fabrikam/troubles.ts';
import {
  API,
  CERTIFICATES,
  FIRST_FINDINGS,
  GROUP_ID,
  serviceId,
  SERVICES,
} from '../../../local/seed/fleet.ts';
import { makeSelfSigned } from '../../../local/seed/self-signed.ts';
import { runCommand, type RunningCommand } from '../../support/command.ts';

jest.setTimeout(120_000);

const READY = /^Ready: app (http:\S+), Azure (http:\S+), storage (\d+)$/m;
const SMALL = ['--fleet', 'small'];
const FREE = ['--port', '0', '--azure-port', '0', '--storage-port', '0'];

let stateDir: string;
const started: RunningCommand[] = [];

beforeEach(() => {
  stateDir = mkdtempSync(path.join(os.tmpdir(), 'state of a system '));
});
afterEach(async () => {
  for (const command of started.splice(0)) {
    if (command.process.exitCode === null) command.process.kill('SIGKILL');
    await command.ended;
  }
  rmSync(stateDir, { recursive: true, force: true });
});

/** With the small fleet, which is up sooner; what is given comes after it, and counts. */
function start(...args: string[]): RunningCommand {
  const command = runCommand('start.ts', [...FREE, ...SMALL, '--state', stateDir, ...args]);
  started.push(command);
  return command;
}

async function ready(command: RunningCommand) {
  const [, hostUrl = '', azureUrl = '', blobPort = ''] = await command.says(READY);
  return { hostUrl, azureUrl, blobPort: Number(blobPort), azure: makeAzureWire(azureUrl) };
}

async function isListening(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

interface ShownFinding {
  readonly code: string;
  readonly about: string;
  readonly message: string;
}

async function read(url: string): Promise<unknown> {
  const response = await fetch(url, { headers: { accept: 'application/json' } });
  return response.ok ? await response.json() : undefined;
}

/** Waits until the syncs that the sweep asked for have come to an end. */
async function settled(hostUrl: string): Promise<void> {
  const keys: unknown = JSON.parse(readFileSync(path.join(stateDir, 'host', 'keys.json'), 'utf8'));
  const query = `runtimeStatus=Running,Pending&code=${String(Reflect.get(Object(keys), 'durable'))}`;
  await waitFor('The end of the syncs', async () => {
    const running = await read(`${hostUrl}/runtime/webhooks/durabletask/instances?${query}`);
    return Array.isArray(running) && running.length === 0 ? true : undefined;
  });
}

async function auditOnce(hostUrl: string): Promise<readonly ShownFinding[]> {
  await fetch(`${hostUrl}/api/audits`, { method: 'POST' });
  const report = await waitFor('The audit', () => read(`${hostUrl}/api/audits/latest`));
  return (report as { readonly findings: readonly ShownFinding[] }).findings;
}

/** Versions, thumbprints and references of everything that was seeded. */
async function fleetOf(azure: ReturnType<typeof makeAzureWire>): Promise<unknown> {
  const certificates = await Promise.all(
    CERTIFICATES.map(({ vault, name }) => readCertificate(azure, vault, name)),
  );
  const services = await Promise.all(
    SERVICES.map((name) => azure.resource(serviceId(name), API.apiManagement)),
  );
  const installed = await Promise.all(
    SERVICES.flatMap((service) =>
      CERTIFICATES.map(({ name }) => readInstalled(azure, { service }, name)),
    ),
  );
  return { certificates, services, installed };
}

test('it shows a rotation, verified, and both thumbprints are true', async () => {
  const command = start('--fleet', 'whole');
  const { azure } = await ready(command);
  const [, before = '', after = ''] = await command.says(
    /rotated +([0-9A-F]{8})… -> ([0-9A-F]{8})…/,
  );
  const [, verified = ''] = await command.says(/verified +API Management reports ([0-9A-F]{40})/);
  await command.says(/Ctrl-C stops everything/);
  const installed = await readInstalled(azure, { service: 'contoso-gw' }, 'gateway-client');
  expect(installed?.thumbprint).toBe(verified);
  expect(verified.startsWith(after)).toBe(true);
  expect(before).not.toBe(after);
  expect(
    command
      .output()
      .split('\n')
      .filter((line) => line.length > 100),
  ).toEqual([]);
});

test('its first audit finds each trouble of Fabrikam, what little the small fleet has, and no more', async () => {
  // No other sweep comes between the troubles and the audit.
  const args = [...FREE, '--state', stateDir, '--no-demo'];
  const command = runCommand('start.ts', args, { CERTKEEPER_SWEEP_SCHEDULE: '0 0 0 1 1 *' });
  started.push(command);
  const { hostUrl } = await ready(command);
  await command.says(/^Fabrikam has all its troubles now: .*certkeeper audit --url http/m);
  await settled(hostUrl);
  const findings = await auditOnce(hostUrl);
  const expected = [...FIRST_FINDINGS, ...TROUBLES.flatMap(({ finds }) => finds)];
  expect(findings.map(({ code, about }) => `${code} ${about}`).sort()).toEqual(expected.sort());
  // Nothing is said of a date that nobody knows.
  expect(findings.filter(({ message }) => message.includes('1970'))).toEqual([]);
});

test('with --fleet small there is no Fabrikam', async () => {
  const { azure } = await ready(start('--no-demo'));
  expect(await azure.resource(FABRIKAM_ID, API.resources)).toBeUndefined();
});

test('Ctrl-C ends it with exit code 0 and frees every port', async () => {
  const command = start('--no-demo');
  const { hostUrl, azureUrl, blobPort } = await ready(command);
  const ports = [hostUrl, azureUrl].map((url) => Number(new URL(url).port));
  command.process.kill('SIGINT');
  expect(await command.ended).toEqual({ code: 0, signal: null });
  for (const port of [...ports, blobPort]) expect(await isListening(port)).toBe(false);
});

test('a start over existing state changes nothing, and tells the vaults the new address', async () => {
  const first = start('--no-demo');
  const { azure: before, hostUrl: firstUrl } = await ready(first);
  const fleet = await fleetOf(before);
  first.process.kill('SIGKILL');
  await first.ended;

  const second = start('--no-demo');
  const { azure, hostUrl } = await ready(second);
  expect(hostUrl).not.toBe(firstUrl);
  // partner-mtls may have been repaired in between; everything else is as it was.
  const strip = (value: unknown) =>
    JSON.stringify(value).replaceAll(/\/secrets\/partner-mtls\/?\w*/g, '');
  expect(strip(await fleetOf(azure))).toBe(strip(fleet));

  const { thumbprint, pfx } = await makeSelfSigned('gateway-client.contoso.com', new Date());
  await importCertificate(azure, 'contoso-kv', 'gateway-client', { thumbprint, pfx });
  const app = makeAppClient(hostUrl, {});
  for (;;) {
    const certificates = await app.certificates();
    const one = certificates.find(({ name }) => name === 'gateway-client')?.bindings[0];
    if (one?.status === 'verified' && one.thumbprint === thumbprint) break;
  }
  const installed = await readInstalled(azure, { service: 'contoso-gw' }, 'gateway-client');
  expect(installed?.thumbprint).toBe(thumbprint);
});

test('a rotation is shown in whatever year the clock of the simulated Azure stands', async () => {
  const first = start('--no-demo');
  const { azure } = await ready(first);
  await azure.control('POST', 'clock', { advance: 5 * 366 * 86_400 });
  first.process.kill('SIGINT');
  await first.ended;
  await start().says(/verified +API Management reports/);
});

test('what people change in the fleet stays as they left it', async () => {
  const first = start('--no-demo');
  const { azure } = await ready(first);
  await azure.ask('DELETE', 'contoso-kv.vault.azure.net/certificates/reports?api-version=7.5');
  first.process.kill('SIGINT');
  await first.ended;
  const again = await ready(start('--no-demo'));
  expect(await readCertificate(again.azure, 'contoso-kv', 'reports')).toBeUndefined();
  expect((await again.azure.resource(GROUP_ID, API.resources))?.tags).toEqual({ seeded: 'true' });
});

test('a taken port is one clear line with the option, and exit code 1', async () => {
  const { hostUrl, azureUrl, blobPort } = await ready(start('--no-demo'));
  const other = mkdtempSync(path.join(os.tmpdir(), 'other state '));
  for (const [option, port, use] of [
    ['--port', new URL(hostUrl).port, 'Functions host'],
    ['--azure-port', new URL(azureUrl).port, 'simulated Azure'],
    ['--storage-port', String(blobPort), 'blob storage'],
  ] as const) {
    const rest = FREE.filter((_, index) => {
      const at = FREE.indexOf(option);
      return index !== at && index !== at + 1;
    });
    const command = runCommand('start.ts', [...rest, option, port, '--state', other]);
    started.push(command);
    expect(await command.ended).toEqual({ code: 1, signal: null });
    expect(command.output().trimEnd().split('\n').slice(1)).toEqual([
      `Port ${port} (${use}) is in use. Choose another with ${option}.`,
    ]);
  }
  rmSync(other, { recursive: true, force: true });
});

test('reset refuses while a system runs, and then clears its state and nothing else', async () => {
  const command = start('--no-demo');
  await ready(command);
  const refused = runCommand('reset.ts', ['--state', stateDir]);
  expect((await refused.ended).code).toBe(1);
  expect(refused.output()).toMatch(/^A system already runs on /);

  command.process.kill('SIGINT');
  await command.ended;
  const reset = runCommand('reset.ts', ['--state', stateDir]);
  expect((await reset.ended).code).toBe(0);
  expect(reset.output()).toMatch(
    /^Cleared .* \(azure, host, storage, logs\)\. The next start begins anew\.\n$/,
  );
  expect(existsSync(stateDir)).toBe(false);
});

test('reset leaves a folder alone that no system has used', async () => {
  const reset = runCommand('reset.ts', ['--state', os.tmpdir()]);
  expect((await reset.ended).code).toBe(0);
  expect(reset.output()).toMatch(/^Nothing to clear: /);
});

test('the newcomer is signed in with every role, and may sign out', async () => {
  const { hostUrl } = await ready(start('--no-demo'));
  const ask = async (init: RequestInit = {}) => (await fetch(`${hostUrl}/api/sweeps`, init)).status;
  expect(await ask({ method: 'POST' })).toBe(202);
  expect(await (await fetch(`${hostUrl}/.auth/me`)).json()).toMatchObject([
    { user_id: 'Local developer' },
  ]);
  const out = await fetch(`${hostUrl}/.auth/logout`, { redirect: 'manual' });
  const cookie = out.headers.get('set-cookie')?.split(';')[0] ?? '';
  expect(await ask({ method: 'POST', headers: { cookie } })).toBe(401);
});

test('with --sign-in-as a request comes from somebody with these roles, or from nobody', async () => {
  const reader = await ready(start('--no-demo', '--sign-in-as', 'Certkeeper.Read'));
  expect((await fetch(`${reader.hostUrl}/api/certificates`)).status).toBe(200);
  expect((await fetch(`${reader.hostUrl}/api/sweeps`, { method: 'POST' })).status).toBe(403);
  const other = mkdtempSync(path.join(os.tmpdir(), 'nobody '));
  const nobody = ['--state', other, '--sign-in-as', 'nobody'];
  const command = runCommand('start.ts', [...FREE, ...SMALL, ...nobody]);
  started.push(command);
  const { hostUrl } = await ready(command);
  // What is shown at the start does not hang on who else is signed in.
  await command.says(/verified +API Management reports/);
  expect((await fetch(`${hostUrl}/api/certificates`)).status).toBe(401);
});

test('with --require-keys the API asks for its key', async () => {
  const { hostUrl } = await ready(start('--no-demo', '--require-keys'));
  expect((await fetch(`${hostUrl}/api/certificates`)).status).toBe(401);
});

test('a fleet that does not exist is one line and exit code 2', async () => {
  const command = start('--fleet', 'large');
  expect((await command.ended).code).toBe(2);
  expect(command.output()).toBe('--fleet takes small or whole.\n');
});

test('an option that does not exist is one line and exit code 2', async () => {
  const command = start('--prot');
  expect((await command.ended).code).toBe(2);
  expect(command.output()).toBe("Unknown option '--prot'. --help lists the options.\n");
});
