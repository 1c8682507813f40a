/** The simulated Azure, run alone and killed without warning. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { makeTestCertificate } from '../support/azure/make-pfx.ts';
import { startWebhook, type Webhook } from '../support/azure/webhook.ts';

const SUBSCRIPTION = '5eed0000-0000-4000-8000-000000000001';
const GROUP = `management.azure.com/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-contoso`;
const VAULT = `${GROUP}/providers/Microsoft.KeyVault/vaults/contoso-kv`;

describe('the simulated Azure, killed', () => {
  let stateDir: string;
  let hook: Webhook;
  let running: ChildProcess | undefined;

  beforeEach(async () => {
    stateDir = mkdtempSync(join(tmpdir(), 'azure-kill-'));
    hook = await startWebhook();
  });
  afterEach(async () => {
    if (running !== undefined) await kill(running, 'SIGKILL');
    await hook.stop();
    rmSync(stateDir, { recursive: true, force: true });
  });

  const start = async (): Promise<string> => {
    const child = spawn(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        join(__dirname, '../../local/azure/main.ts'),
        ...['--port', '0', '--state', stateDir],
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    running = child;
    for await (const line of createInterface(child.stdout)) {
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
      if (url !== undefined) return url;
    }
    throw new Error('It ended before it was ready');
  };
  const ask = async (url: string, method: string, path: string, body?: unknown) => {
    const response = await fetch(`${url}/${path}`, {
      method,
      headers: { authorization: 'Bearer operator', 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, text: await response.text() };
  };

  it('has kept every version it answered for, and delivers what was not taken', async () => {
    const first = await start();
    await ask(first, 'PUT', `_local/subscriptions/${SUBSCRIPTION}`, { displayName: 'Contoso' });
    await ask(first, 'PUT', `${GROUP}?api-version=2021-04-01`, { location: 'westeurope' });
    const vault = await ask(first, 'PUT', `${VAULT}?api-version=2023-07-01`, {
      location: 'westeurope',
      properties: {
        tenantId: '5eed0000-0000-4000-8000-00000000000a',
        sku: { family: 'A', name: 'standard' },
        enableRbacAuthorization: true,
      },
    });
    expect(vault).toMatchObject({ status: 201 });
    const subscribed = await ask(
      first,
      'PUT',
      `${VAULT}/providers/Microsoft.EventGrid/eventSubscriptions/to-hook?api-version=2022-06-15`,
      {
        properties: {
          destination: { endpointType: 'WebHook', properties: { endpointUrl: hook.url } },
          filter: { includedEventTypes: ['Microsoft.KeyVault.CertificateNewVersionCreated'] },
        },
      },
    );
    expect(subscribed.status).toBe(201);
    const { pfx, thumbprint } = await makeTestCertificate();
    const x5t = Buffer.from(thumbprint, 'hex').toString('base64url');
    const certificate = 'contoso-kv.vault.azure.net/certificates/gateway-client';
    hook.answers.push(0);

    const imported = await ask(first, 'POST', `${certificate}/import?api-version=7.5`, {
      value: pfx,
    });
    expect(imported.status).toBe(200);
    await hook.received(1);
    if (running !== undefined) await kill(running, 'SIGKILL');
    const second = await start();

    const read = await ask(second, 'GET', `${certificate}?api-version=7.5`);
    expect(read.text).toContain(`"x5t":"${x5t}"`);
    await ask(second, 'POST', '_local/clock', { advance: 10 });
    const [before, after] = await hook.received(2);
    expect(after?.body).toBe(before?.body);
  });

  it('refuses a second one on the same state, and ends cleanly when it is asked to', async () => {
    await start();
    const one = running;
    await expect(start()).rejects.toThrow('It ended before it was ready');
    const another = running;
    expect(another?.exitCode ?? (await exitOf(another))).toBe(1);

    expect(one && (await kill(one, 'SIGTERM'))).toBe(0);
  });
});

async function kill(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  child.kill(signal);
  return exitOf(child);
}

async function exitOf(child: ChildProcess | undefined): Promise<number | null> {
  if (child?.exitCode === null) await once(child, 'exit');
  return child?.exitCode ?? null;
}
