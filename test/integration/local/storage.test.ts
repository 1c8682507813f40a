/** Azurite as this project runs it: short-lived, loopback only, and true to what it acknowledged. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { TableClient } from '@azure/data-tables';
import { startStorage } from '../../../local/storage/index.ts';
import { PortInUseError } from '../../../local/port-in-use.ts';
import { repositoryRoot } from '../../../local/repository.ts';

let stateDir: string;
beforeEach(() => {
  stateDir = mkdtempSync(path.join(os.tmpdir(), 'storage '));
});
afterEach(() => rmSync(stateDir, { recursive: true, force: true }));

const ledger = (connectionString: string) =>
  TableClient.fromConnectionString(connectionString, 'ledger', { allowInsecureConnection: true });

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits on the condition itself, never for a length of time. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

test('an acknowledged write survives a kill that lets nothing be saved', async () => {
  const first = await startStorage({ blobPort: 0, stateDir });
  await ledger(first.connectionString).createTable();
  await ledger(first.connectionString).upsertEntity({
    partitionKey: 'p',
    rowKey: 'r',
    value: 'kept',
  });
  process.kill(first.pid, 'SIGKILL');
  await first.stop();

  const second = await startStorage({ blobPort: 0, stateDir });
  const found = await ledger(second.connectionString).getEntity('p', 'r');
  await second.stop();
  expect(found).toMatchObject({ value: 'kept' });
});

test('it ends when the process that started it is killed', async () => {
  const script = `
    const { startStorage } = await import(${JSON.stringify(path.join(repositoryRoot(), 'local/storage/index.ts'))});
    const storage = await startStorage({ blobPort: 0, stateDir: ${JSON.stringify(stateDir)} });
    console.log(storage.pid);`;
  const parent = spawn(
    process.execPath,
    ['--no-warnings', '--input-type=module', '--eval', script],
    { cwd: repositoryRoot(), stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [printed] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(printed.toString());
  expect(isRunning(pid)).toBe(true);
  parent.kill('SIGKILL');
  await until(() => !isRunning(pid));
});

test('its end is told when nobody stopped it, and not otherwise', async () => {
  const lost: string[] = [];
  const options = { blobPort: 0, stateDir, onLost: (message: string) => lost.push(message) };
  await (await startStorage(options)).stop();
  expect(lost).toEqual([]);

  process.kill((await startStorage(options)).pid, 'SIGKILL');
  await until(() => lost.length > 0);
  expect(lost).toEqual([
    `Azurite ended (SIGKILL); ${path.join(stateDir, 'storage.log')} may say why.`,
  ]);
});

test('a port in use is named, with the service and the option that chooses another', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as AddressInfo;
  const starting = startStorage({ blobPort: port - 2, stateDir });
  await expect(starting).rejects.toThrow(PortInUseError);
  await expect(starting).rejects.toThrow(
    `Port ${port} (table storage) is in use. Choose another with --storage-port.`,
  );
  holder.close();
});
