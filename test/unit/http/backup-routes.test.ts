import {
  makeDownloadBackupRoute,
  makeListBackupsRoute,
} from '../../../functions/triggers/backups/backup-routes.ts';
import { makeRestoreRoute } from '../../../functions/triggers/backups/restore-route.ts';
import { SWEEP } from '../../../shared/contracts/sweep.ts';
import type { Caller } from '../../../shared/http/caller.ts';
import { askRoute, type Ask } from '../../support/ask-route.ts';
import { AT, BACKUP, fill, makeBackupWorld } from '../../support/backup-world.ts';

const FILE = { 'content-type': 'application/x-ndjson' };
const MANAGER: Caller = { kind: 'entra', id: 'm', roles: ['Certkeeper.Manage'] };

async function world() {
  const from = makeBackupWorld();
  await fill(from);
  const text = await from.backUp();
  const to = makeBackupWorld();
  const startNew = jest.fn(async () => 'sweep');
  const restore = makeRestoreRoute({
    ...{ backups: from.backups, restores: to.restores, now: () => new Date(AT) },
    findStatus: async () => undefined,
  });
  const ask = (query: string, body: unknown, headers: Ask['headers'] = {}) =>
    askRoute(restore, `/backups/restore${query}`, {
      ...{ body, headers, caller: MANAGER, client: { startNew } },
    });
  return { from, to, text, startNew, ask };
}

describe('Backups by HTTP', () => {
  test('are listed, and downloaded byte for byte', async () => {
    const { from, text } = await world();
    const listed = await askRoute(makeListBackupsRoute(from), '/backups');
    expect(listed).toMatchObject({
      status: 200,
      body: { backups: [{ id: BACKUP, at: AT, download: `/api/backups/${BACKUP}` }] },
    });
    const route = makeDownloadBackupRoute(from);
    for (const id of [BACKUP, 'latest']) {
      const answer = await askRoute(route, `/backups/${id}`, { params: { id }, caller: MANAGER });
      expect(answer).toMatchObject({ status: 200, text });
      expect(answer.headers.get('content-disposition')).toContain(`certkeeper-${BACKUP}.jsonl`);
    }
  });

  test.each([
    ['20200101T000000Z-000000', 404, 'NOT_FOUND'],
    ['..%2Fx', 400, 'INVALID_REQUEST'],
  ])('%s is none', async (id, status, code) => {
    const { from } = await world();
    const route = makeDownloadBackupRoute(from);
    const answer = await askRoute(route, '/backups/x', { params: { id }, caller: MANAGER });
    expect(answer).toMatchObject({ status, body: { code } });
  });

  test('of which there is none yet, the latest is none', async () => {
    const route = makeDownloadBackupRoute(makeBackupWorld());
    const ask = { params: { id: 'latest' }, caller: MANAGER };
    await expect(askRoute(route, '/backups/latest', ask)).resolves.toMatchObject({ status: 404 });
  });
});

describe('Bringing one back by HTTP', () => {
  test('takes the file, and sweeps', async () => {
    const { text, startNew, ask } = await world();
    await expect(ask('', text, FILE)).resolves.toMatchObject({
      ...{ status: 200, body: { dryRun: false, there: 0, sweep: '/api/operations/sweep' } },
    });
    expect(startNew).toHaveBeenCalledWith(SWEEP, { instanceId: 'sweep', input: {} });
  });

  test('takes one that is kept, by its id', async () => {
    const { ask } = await world();
    for (const backup of ['latest', BACKUP]) {
      await expect(ask('', { backup })).resolves.toMatchObject({
        ...{ status: 200, body: { backup: { id: BACKUP } } },
      });
    }
  });

  test('starts no sweep when it is only tried', async () => {
    const { text, startNew, ask } = await world();
    const { body } = await ask('?dryRun=true', text, FILE);
    expect(body).toMatchObject({ dryRun: true });
    expect(body).not.toHaveProperty('sweep');
    expect(startNew).not.toHaveBeenCalled();
  });

  test.each<[string, unknown, Ask['headers'], number, string]>([
    ['a file that is none', 'x\n', FILE, 422, 'BACKUP_UNREADABLE'],
    ['no file at all', '', FILE, 422, 'BACKUP_UNREADABLE'],
    ['an id that is none', { backup: '../x' }, {}, 400, 'INVALID_REQUEST'],
    ['the id of another', { backup: '20200101T000000Z-000000' }, {}, 404, 'NOT_FOUND'],
    ['another type', 'x', { 'content-type': 'text/plain' }, 415, 'CONTENT_TYPE_UNSUPPORTED'],
    [
      'more than may be sent',
      'x',
      { ...FILE, 'content-length': String(101 * 1024 * 1024) },
      ...([413, 'BODY_TOO_LARGE'] as const),
    ],
  ])('refuses %s', async (_, body, headers, status, code) => {
    const { startNew, ask } = await world();
    await expect(ask('', body, headers)).resolves.toMatchObject({ status, body: { code } });
    expect(startNew).not.toHaveBeenCalled();
  });

  test('says how to go on where the ledger is not empty', async () => {
    const { from, text } = await world();
    const restore = makeRestoreRoute({
      ...{ backups: from.backups, restores: from.restores, now: () => new Date(AT) },
      findStatus: async () => undefined,
    });
    const ask = { body: text, headers: FILE, caller: MANAGER };
    await expect(askRoute(restore, '/backups/restore', ask)).resolves.toMatchObject({
      ...{ status: 409, body: { code: 'LEDGER_NOT_EMPTY' } },
    });
  });
});
