import { runCli } from '../../../cli/program.ts';
import { jsonAnswer, makeFakeApi, type FakeIo, type Answers } from '../../support/fake-io.ts';

const SOURCE = { vault: 'contoso-kv', name: 'gateway-client' };
const TARGET = 'contoso-gw/certificates/gateway-client';
const CLEANUP_ID = '8204178676087-0a0e402a61c6';
const REPAIR_ID = '8204178700598-6f686f4e6acba3e4';
const cleanup = (removedAt: string, id = CLEANUP_ID) => ({
  ...{ id, source: SOURCE, target: TARGET, status: 'removed', fate: 'soft-deleted' },
  ...{ since: '2026-11-20T10:00:00.000Z', at: removedAt, removedAt },
});
const REPAIR = {
  ...{ id: REPAIR_ID, source: SOURCE, target: TARGET, status: 'repaired' },
  ...{ document: 'apis/orders/policies/policy', thumbprint: '8D6F'.padEnd(40, '0') },
  at: '2026-11-21T10:00:00.000Z',
};
const SYNCED = {
  ...{ id: 'sync-1', state: 'succeeded', step: 'done', source: SOURCE, problems: [] },
  targets: [{ target: TARGET, outcome: 'attached', reason: 'TargetAbsent' }],
};
const REFUSED = { status: 409, code: 'CERTIFICATE_DELETED', detail: 'It is deleted.' };

const calls = ({ asked }: FakeIo): string[] =>
  asked.map(({ url, init }) => `${init.method ?? 'GET'} ${new URL(url).pathname}`);
const bodies = ({ asked }: FakeIo): unknown[] =>
  asked.flatMap(({ init: { body } }) =>
    typeof body === 'string' ? [JSON.parse(body) as unknown] : [],
  );
const json = (io: FakeIo): unknown => JSON.parse(io.written.stdout);

describe('certkeeper sweep', () => {
  const operation = (more: object) => () =>
    jsonAnswer({
      ...{ id: 'sweep', state: 'succeeded', step: 'Done', problems: [] },
      ...{ startedAt: '2026-11-21T10:00:00.000Z', ...more },
    });
  const START = {
    'POST /api/sweeps': () => jsonAnswer({ id: 'sweep', operation: '/api/operations/sweep' }, 202),
  };

  test('tells what this sweep removed, and not what others did, and what it kept', async () => {
    const orphan = { fate: 'purged', since: '2026-11-20T10:00:00.000Z' };
    const io = makeFakeApi({
      ...START,
      'GET /api/operations/sweep': operation({ counts: { removed: 1, kept: 1 } }),
      'GET /api/cleanups?status=removed&limit=200': () =>
        jsonAnswer({
          cleanups: [
            cleanup('2026-11-21T10:00:01.000Z'),
            cleanup('2026-11-21T09:00:00.000Z', '8204178676087-000000000000'),
          ],
        }),
      'GET /api/certificates?limit=200': () =>
        jsonAnswer({
          certificates: [{ ...SOURCE, bindings: [{ target: TARGET, orphan }, { target: 'x' }] }],
        }),
    });
    expect(await runCli(['sweep', '--json'], io)).toBe(0);
    expect(bodies(io)).toEqual([{}]);
    expect(json(io)).toMatchObject({
      result: { state: 'succeeded' },
      removed: [{ id: CLEANUP_ID }],
      kept: [{ target: TARGET, source: SOURCE, orphan }],
    });
    expect((json(io) as { removed: unknown[] }).removed).toHaveLength(1);
  });

  test('reads nothing more where there is nothing to tell', async () => {
    const io = makeFakeApi({ ...START, 'GET /api/operations/sweep': operation({ counts: {} }) });
    expect(await runCli(['sweep'], io)).toBe(0);
    expect(calls(io)).toEqual(['POST /api/sweeps', 'GET /api/operations/sweep']);
  });

  test.each(['blocked', 'failed'])('ends with 1 when it is %s', async (state) => {
    const problems = [{ code: 'ORPHANS_DOUBTED', message: 'So many.' }];
    const io = makeFakeApi({
      ...START,
      'GET /api/operations/sweep': operation({ state, problems }),
    });
    expect(await runCli(['sweep'], io)).toBe(1);
    expect(io.written.stdout).toContain('(ORPHANS_DOUBTED)');
  });

  test('is told of also when it cannot be read what it removed', async () => {
    const io = makeFakeApi({
      ...START,
      'GET /api/operations/sweep': operation({ counts: { removed: 1 } }),
      'GET /api/cleanups?status=removed&limit=200': () =>
        jsonAnswer({ status: 500, code: 'INTERNAL_ERROR', detail: 'No.' }, 500),
    });
    expect(await runCli(['sweep'], io)).toBe(0);
    expect(io.written.stdout).toContain('What was removed:  npx certkeeper cleanups');
  });

  test('that is dry asks for nothing else, and shows the plan', async () => {
    const planned = [{ source: SOURCE, target: TARGET, action: 'remove', reason: 'SourceGone' }];
    const io = makeFakeApi({
      'POST /api/sweeps': () =>
        jsonAnswer({ id: 'sweep-dry-run', operation: '/api/operations/sweep-dry-run' }, 202),
      'GET /api/operations/sweep-dry-run': operation({ counts: { removed: 1 }, planned }),
    });
    expect(await runCli(['sweep', '--dry-run'], io)).toBe(0);
    expect(bodies(io)).toEqual([{ dryRun: true }]);
    expect(calls(io)).toHaveLength(2);
    expect(io.written.stdout).toMatch(/SOURCE +TARGET +ACTION +REASON/);
    expect(io.written.stdout).toContain('A sweep would remove 1 target:');
  });

  test('that is not over in time says how to join it', async () => {
    const io = makeFakeApi({
      ...START,
      'GET /api/operations/sweep': operation({ state: 'running' }),
    });
    expect(await runCli(['sweep', '--timeout', '5s'], io)).toBe(1);
    expect(io.written.stderr).toMatch(/it goes on\.[^]*`npx certkeeper sweep`/);
    expect(await runCli(['sweep', '--no-wait'], makeFakeApi(START))).toBe(0);
  });
});

describe('A list', () => {
  const pages: Answers = {
    'GET /api/cleanups?service=contoso-gw&status=removed&limit=200': () =>
      jsonAnswer({
        cleanups: [cleanup('2026-11-21T10:00:00.000Z')],
        next: '/api/cleanups?service=contoso-gw&status=removed&limit=200&cursor=a',
      }),
    'GET /api/cleanups?service=contoso-gw&status=removed&limit=200&cursor=a': () =>
      jsonAnswer({ cleanups: [cleanup('2026-11-20T10:00:00.000Z')] }),
    'GET /api/cleanups?limit=1': () =>
      jsonAnswer({
        cleanups: [cleanup('2026-11-21T10:00:00.000Z')],
        next: '/api/cleanups?limit=1&cursor=a',
      }),
  };

  test('is read to its end', async () => {
    const io = makeFakeApi(pages);
    const args = ['cleanups', '--service', 'contoso-gw', '--status', 'removed', '--json'];
    expect(await runCli(args, io)).toBe(0);
    expect((json(io) as { cleanups: unknown[] }).cleanups).toHaveLength(2);
    expect(json(io)).not.toHaveProperty('next');
  });

  test('ends where it was told to, and says that there is more', async () => {
    const io = makeFakeApi(pages);
    expect(await runCli(['cleanups', '--limit', '1'], io)).toBe(0);
    expect(io.written.stdout).toContain('1 clean-up, and there are more.');
    const machine = makeFakeApi(pages);
    expect(await runCli(['cleanups', '--limit', '1', '--json'], machine)).toBe(0);
    expect(json(machine)).toMatchObject({ next: '/api/cleanups?limit=1&cursor=a' });
  });

  test('asks for no more on its last page than is wanted', async () => {
    const many = (count: number) => Array.from({ length: count }, () => REPAIR);
    const io = makeFakeApi({
      'GET /api/repairs?certificate=contoso-kv%2Fa&limit=200': () =>
        jsonAnswer({ repairs: many(200), next: '/api/repairs?limit=200&cursor=a' }),
      'GET /api/repairs?limit=50&cursor=a': () =>
        jsonAnswer({ repairs: many(50), next: '/api/repairs?limit=50&cursor=b' }),
    });
    const args = ['repairs', '--certificate', 'contoso-kv/a', '--limit', '250', '--json'];
    expect(await runCli(args, io)).toBe(0);
    expect((json(io) as { repairs: unknown[] }).repairs).toHaveLength(250);
  });
});

describe('certkeeper undo', () => {
  const started = { id: 'sync-1', operation: '/api/operations/sync-1', source: SOURCE };
  const CLEANUPS: Answers = {
    [`GET /api/cleanups/${CLEANUP_ID}`]: () => jsonAnswer(cleanup('2026-11-21T10:00:00.000Z')),
    [`POST /api/cleanups/${CLEANUP_ID}/undo`]: () =>
      jsonAnswer({ ...started, cleanup: CLEANUP_ID, target: TARGET }, 202),
    'GET /api/operations/sync-1': () => jsonAnswer(SYNCED),
  };
  const REPAIRS: Answers = {
    [`GET /api/repairs/${REPAIR_ID}`]: () => jsonAnswer(REPAIR),
    [`POST /api/repairs/${REPAIR_ID}/undo`]: () => jsonAnswer({ ...REPAIR, note: 'Stale.' }),
  };

  test('of a clean-up shows what it is about, asks, and follows the sync', async () => {
    const io = makeFakeApi(CLEANUPS, { terminal: true, typed: 'y' });
    expect(await runCli(['undo', CLEANUP_ID, '--recover'], io)).toBe(0);
    expect(io.written.stderr).toContain(`contoso-kv/gateway-client\n${TARGET}\nRecover it`);
    expect(bodies(io)).toEqual([{ recover: true }]);
    expect(io.written.stdout).toMatch(/is bound to [^]*again\.[^]*attached/);
  });

  test('of a repair asks, and says what is there again', async () => {
    const io = makeFakeApi(REPAIRS, { terminal: true, typed: 'yes' });
    expect(await runCli(['undo', REPAIR_ID], io)).toBe(0);
    expect(io.written.stderr).toContain('contoso-gw/apis/orders/policies/policy');
    expect(io.written.stdout).toMatch(/by the thumbprint\s+8D6F0*\s+again\.\nStale\./);
  });

  test.each([
    [CLEANUP_ID, CLEANUPS],
    [REPAIR_ID, REPAIRS],
  ])('of %s does nothing without a yes', async (id, answers) => {
    const io = makeFakeApi(answers, { terminal: true, typed: 'n' });
    expect(await runCli(['undo', id], io)).toBe(2);
    expect(io.written.stderr).toContain('Nothing was undone.');
    const alone = makeFakeApi(answers);
    expect(await runCli(['undo', id], alone)).toBe(2);
    expect(alone.written.stderr).toContain('--yes');
    for (const one of [io, alone]) {
      expect(calls(one).filter((call) => call.startsWith('POST'))).toEqual([]);
    }
  });

  test('of what would have to be recovered first names the option', async () => {
    const cure = 'Ask again with {"recover": true}, or recover it by hand.';
    const io = makeFakeApi({
      [`POST /api/cleanups/${CLEANUP_ID}/undo`]: () => jsonAnswer({ ...REFUSED, cure }, 409),
    });
    expect(await runCli(['undo', CLEANUP_ID, '--yes'], io)).toBe(1);
    expect(io.written.stderr).toContain('Ask again with --recover');
  });

  test.each([
    [['undo', 'nonsense', '--yes'], /neither a clean-up nor a repair/],
    [['undo', REPAIR_ID, '--yes', '--recover'], /none to recover/],
  ])('%j cannot be used', async (args, says) => {
    const io = makeFakeApi({});
    expect(await runCli(args, io)).toBe(2);
    expect(io.written.stderr).toMatch(says);
  });
});

describe('certkeeper orphans confirm', () => {
  const orphan = { fate: 'purged', since: '2026-11-20T10:00:00.000Z' };
  const ANSWERS: Answers = {
    'GET /api/certificates?service=contoso-gw&limit=200': () =>
      jsonAnswer({
        certificates: [
          {
            ...SOURCE,
            bindings: [
              { target: TARGET, orphan: { ...orphan, doubted: true } },
              { target: 'contoso-gw/certificates/other', orphan },
            ],
          },
        ],
      }),
    'POST /api/services/contoso-gw/orphans/confirm': () =>
      jsonAnswer({ service: 'contoso-gw', confirmed: [{ source: SOURCE, target: TARGET }] }),
  };

  test('shows what is in doubt before it asks', async () => {
    const io = makeFakeApi(ANSWERS, { terminal: true, typed: 'y' });
    expect(await runCli(['orphans', 'confirm', 'contoso-gw'], io)).toBe(0);
    expect(io.written.stderr).toContain(`  ${TARGET}, of contoso-kv/gateway-client\n`);
    expect(io.written.stderr).not.toContain('certificates/other');
    expect(io.written.stdout).toContain('1 orphan of contoso-gw confirmed.');
  });

  test('confirms nothing without a yes', async () => {
    for (const some of [{ terminal: true, typed: '' }, {}]) {
      const io = makeFakeApi(ANSWERS, some);
      expect(await runCli(['orphans', 'confirm', 'contoso-gw'], io)).toBe(2);
      expect(calls(io)).not.toContain('POST /api/services/contoso-gw/orphans/confirm');
    }
    const sure = makeFakeApi(ANSWERS);
    expect(await runCli(['orphans', 'confirm', 'contoso-gw', '--yes'], sure)).toBe(0);
    expect(calls(sure)).toHaveLength(1);
  });
});

describe('certkeeper services take', () => {
  const CALL = 'POST /api/services/contoso-gw/take';
  const kept = { service: 'contoso-gw', installation: 'new' };

  test.each([
    ['from another installation', { ...kept, from: 'old' }, 'old kept it until now'],
    ['from nobody', kept, 'No other one kept it.'],
  ])('says that the service was taken %s', async (_, answer, says) => {
    const io = makeFakeApi({ [CALL]: () => jsonAnswer(answer) }, { terminal: true, typed: 'y' });
    expect(await runCli(['services', 'take', 'contoso-gw'], io)).toBe(0);
    expect(io.written.stdout).toContain('contoso-gw is kept by this installation, new.');
    expect(io.written.stdout).toContain(says);
  });

  test('takes nothing without a yes', async () => {
    for (const some of [{ terminal: true, typed: '' }, {}]) {
      const io = makeFakeApi({ [CALL]: () => jsonAnswer(kept) }, some);
      expect(await runCli(['services', 'take', 'contoso-gw'], io)).toBe(2);
      expect(calls(io)).toEqual([]);
    }
  });
});

describe('certkeeper detach', () => {
  const path = '/api/certificates/contoso-kv/gateway-client';

  test('forces only when it is told to, and asks in other words then', async () => {
    const io = makeFakeApi(
      {
        [`DELETE ${path}?targets=contoso-gw&force=true`]: () =>
          jsonAnswer({ id: 'sync-1', operation: '/api/operations/sync-1' }, 202),
        'GET /api/operations/sync-1': () => jsonAnswer(SYNCED),
      },
      { terminal: true, typed: 'y' },
    );
    const args = ['detach', 'contoso-kv/gateway-client', '-t', 'contoso-gw', '--force'];
    expect(await runCli(args, io)).toBe(0);
    expect(io.written.stderr).toContain('although something may use it?');
  });

  test('of what is in no vault has nothing to wait for', async () => {
    const io = makeFakeApi({
      'DELETE /api/certificates/none/orders?targets=contoso-gw': () =>
        jsonAnswer({ dryRun: false, targets: [{ target: TARGET, step: 'remove' }] }),
    });
    expect(await runCli(['detach', 'none/orders', '-t', 'contoso-gw', '--yes'], io)).toBe(0);
    expect(io.written.stdout).toContain('was taken away there');
  });
});

test('What an upload warned of is not said again when it is over', async () => {
  const warning = { code: 'VERSION_SUSPECT', message: 'Odd.' };
  const io = makeFakeApi({
    'POST /api/certificates/contoso-kv/gateway-client/rollback': () =>
      jsonAnswer({ id: 'sync-1', operation: '/api/operations/sync-1', warnings: [warning] }, 202),
    'GET /api/operations/sync-1': () => jsonAnswer({ ...SYNCED, warnings: [warning] }),
  });
  expect(await runCli(['rollback', 'contoso-kv/gateway-client'], io)).toBe(0);
  expect(io.written.stdout.match(/Odd\./g)).toHaveLength(1);
});
