import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runCli } from '../../../cli/program.ts';
import { jsonAnswer, makeFakeApi } from '../../support/fake-io.ts';

const ID = '20261128T020000Z-07b9c1';
const TEXT = '{"format":"certkeeper-backup"}\n{"count":0}\n';
const RESTORED = {
  backup: { id: ID, at: '2026-11-28T02:00:00.000Z', certkeeper: '0.1.0' },
  ...{ dryRun: false, rows: 12, written: 9, there: 2, skipped: 1 },
  notes: ['contoso-old-gw is not under care here: 1 row was left out.', 'A\u001b[31mB.'],
  sweep: '/api/operations/sweep',
};

const folder = mkdtempSync(path.join(tmpdir(), 'certkeeper-backup-'));
const file = path.join(folder, 'backup.jsonl');
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('certkeeper backups', () => {
  test('lists them, and says how to take one along', async () => {
    const backups = { backups: [{ id: ID, at: '2026-11-28T02:00:00.000Z' }] };
    const io = makeFakeApi({ 'GET /api/backups': () => jsonAnswer(backups) }, { terminal: true });
    expect(await runCli(['backups'], io)).toBe(0);
    expect(io.written.stdout).toContain(`${ID}  2026-11-28 02:00`);
    expect(io.written.stdout).toContain('npx certkeeper backup download');
  });

  test('says that there is none yet', async () => {
    const io = makeFakeApi({ 'GET /api/backups': () => jsonAnswer({ backups: [] }) });
    expect(await runCli(['backups'], io)).toBe(0);
    expect(io.written.stdout).toContain('npx certkeeper audit');
  });

  test('are written to a file as they came', async () => {
    const answer = () =>
      new Response(TEXT, { headers: { 'content-type': 'application/x-ndjson' } });
    const io = makeFakeApi({ [`GET /api/backups/${ID}`]: answer });
    expect(await runCli(['backup', 'download', ID, '-o', file], io)).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(TEXT);
    const nowhere = path.join(folder, 'none', 'x');
    expect(await runCli(['backup', 'download', ID, '-o', nowhere], io)).toBe(1);
  });
});

describe('certkeeper restore', () => {
  test('sends a file as it is, and says what came of it', async () => {
    writeFileSync(file, TEXT);
    const io = makeFakeApi({
      'POST /api/backups/restore?dryRun=true&merge=true': () => jsonAnswer(RESTORED),
    });
    expect(await runCli(['restore', file, '--dry-run', '--merge'], io)).toBe(0);
    const init = io.asked[0]?.init;
    expect(init?.headers).toMatchObject({ 'content-type': 'application/x-ndjson' });
    expect(Buffer.from(init?.body as Uint8Array).toString()).toBe(TEXT);
    const { stdout } = io.written;
    expect(stdout).toContain('12 rows in it, 9 written, 2 there already, 1 left out.');
    expect(stdout).toContain('contoso-old-gw is not under care here');
    expect(stdout).not.toContain('\u001b');
  });

  test('names one that is kept', async () => {
    const io = makeFakeApi({ 'POST /api/backups/restore': () => jsonAnswer(RESTORED) });
    expect(await runCli(['restore', ID], io)).toBe(0);
    expect(io.asked[0]?.init.body).toBe(JSON.stringify({ backup: ID }));
  });

  test('says what a refusal says, in its own words', async () => {
    const problem = {
      ...{ code: 'LEDGER_NOT_EMPTY', detail: 'The ledger is not empty.', status: 409 },
      cure: 'Add what is missing: certkeeper restore {file} --merge (?merge=true)',
    };
    const io = makeFakeApi({ 'POST /api/backups/restore': () => jsonAnswer(problem, 409) });
    expect(await runCli(['restore', 'latest'], io)).toBe(1);
    expect(io.written.stderr).toContain('--merge');
    expect(io.written.stderr).not.toContain('?merge=true');
  });

  test('ends at once when there is no such file', async () => {
    const io = makeFakeApi({});
    expect(await runCli(['restore', path.join(folder, 'none.jsonl')], io)).toBe(2);
    expect(io.asked).toEqual([]);
  });
});
