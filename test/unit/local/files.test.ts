import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { requireFreePorts } from '../../../local/free-ports.ts';
import { openLogFile } from '../../../local/log-file.ts';
import { lockState, StateFolderError, StateInUseError } from '../../../local/state-lock.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'local files '));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a log file', () => {
  const at = new Date('2026-11-01T00:00:00Z');

  test('is appended to over restarts', () => {
    const file = path.join(folder, 'logs', 'a.log');
    for (const line of ['first', 'second']) {
      const log = openLogFile(file);
      log.write(line, at);
      log.close();
    }
    expect(readFileSync(file, 'utf8')).toBe(
      '2026-11-01T00:00:00.000Z first\n2026-11-01T00:00:00.000Z second\n',
    );
  });

  test('keeps one full file behind it and never more', () => {
    const file = path.join(folder, 'a.log');
    const log = openLogFile(file, 100);
    for (let index = 0; index < 50; index += 1) log.write(`line ${index}`, at);
    log.close();
    const [now, before] = [readFileSync(file, 'utf8'), readFileSync(`${file}.1`, 'utf8')];
    expect(now.length).toBeLessThanOrEqual(100);
    expect(before.length).toBeLessThanOrEqual(100);
    expect(now).toContain('line 49');
  });
});

describe('the lock on a state folder', () => {
  test('a second system on the folder is refused, and told which one is there', () => {
    const lock = lockState(folder);
    lock.describe({
      pid: 4711,
      hostUrl: 'http://127.0.0.1:7071',
      azureUrl: 'http://127.0.0.1:7072',
    });
    expect(() => lockState(folder)).toThrow(StateInUseError);
    expect(() => lockState(folder)).toThrow(
      `A system already runs on ${folder} (process 4711, http://127.0.0.1:7071). Stop it, or choose another folder with --state.`,
    );
    lock.release();
    lockState(folder).release();
  });

  test('what a killed system left behind is not in the way', () => {
    writeFileSync(path.join(folder, 'system.lock'), '');
    writeFileSync(path.join(folder, 'system.json'), '{"pid":1}');
    expect(() => lockState(folder).release()).not.toThrow();
  });
});

describe('a folder that cannot hold the state', () => {
  test.each([
    ['is a file', (file: string) => file],
    ['lies below a file', (file: string) => path.join(file, 'a', 'b')],
  ])('is named when it %s', (_name, toFolder) => {
    const file = path.join(folder, 'file');
    writeFileSync(file, '');
    const chosen = toFolder(file);
    const lock = () => lockState(chosen);
    expect(lock).toThrow(StateFolderError);
    expect(lock).toThrow(`${chosen} cannot hold the state: `);
    expect(lock).toThrow(/Choose another folder with --state\.$/);
  });

  test('is not taken for one that a system runs on', () => {
    writeFileSync(
      path.join(folder, 'system.lock'),
      'no lock of ours, but something else'.repeat(9),
    );
    expect(() => lockState(folder)).toThrow(StateFolderError);
    expect(() => lockState(folder)).not.toThrow(StateInUseError);
  });

  (existsSync('/proc/self') ? test : test.skip)(
    'is told where the system lets nobody make one',
    () => {
      expect(() => lockState('/proc/certkeeper/state')).toThrow(StateFolderError);
    },
  );

  test('is made with its parents where that is possible', () => {
    const deep = path.join(folder, 'a', 'b', 'c');
    lockState(deep).release();
    expect(existsSync(path.join(deep, 'system.lock'))).toBe(true);
  });
});

describe('taken ports', () => {
  const wanted = (port: number) => ({ port, use: 'simulated Azure', option: '--azure-port' });

  test('the first taken port is named with its use and its option', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;
    await expect(requireFreePorts([wanted(0), wanted(port)])).rejects.toThrow(
      `Port ${port} (simulated Azure) is in use. Choose another with --azure-port.`,
    );
    holder.close();
    await once(holder, 'close');
    await expect(requireFreePorts([wanted(port)])).resolves.toBeUndefined();
  });

  test('one port wanted twice is refused; any free port is not', async () => {
    await expect(requireFreePorts([wanted(0), wanted(0)])).resolves.toBeUndefined();
    await expect(requireFreePorts([wanted(64_999), wanted(64_999)])).rejects.toThrow('64999');
  });
});
