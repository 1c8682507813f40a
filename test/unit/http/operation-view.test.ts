import { OrchestrationRuntimeStatus as Status } from 'durable-functions';
import type { DurableOrchestrationStatus } from 'durable-functions';
import type { SyncResult } from '../../../shared/contracts/sync.ts';
import { toOperationView } from '../../../shared/http/operation-view.ts';
import { NEW_THUMBPRINT, NEW_VERSION, PROBLEM, SOURCE } from '../../support/domain-samples.ts';
import { makeStatus } from '../../support/fake-durable-client.ts';

const ID = 'sync-0123456789abcdef0123';
const ROTATED = {
  target: 'contoso-gw/certificates/gateway-client',
  outcome: 'rotated',
  reason: 'NewVersion',
  thumbprint: NEW_THUMBPRINT,
} as const;
const RESULT: SyncResult = {
  verdict: 'succeeded',
  source: SOURCE,
  version: NEW_VERSION,
  thumbprint: NEW_THUMBPRINT,
  targets: [ROTATED],
  problems: [],
};
const BLOCKED = {
  target: 'contoso-lab-gw',
  outcome: 'blocked',
  reason: 'Refused',
  problem: PROBLEM,
} as const;

const view = (other: Partial<DurableOrchestrationStatus>, id = ID) =>
  toOperationView(makeStatus(id, other));
const completed = (output: unknown, id = ID) =>
  view({ runtimeStatus: Status.Completed, output, customStatus: { step: 'done' } }, id);

describe('An operation', () => {
  test('that runs shows its step, its source and its times', () => {
    const running = {
      runtimeStatus: Status.Running,
      customStatus: { step: 'Reading contoso-kv/gateway-client' },
      input: { source: SOURCE },
    };
    expect(view(running)).toEqual({
      id: ID,
      kind: 'sync',
      state: 'running',
      step: 'Reading contoso-kv/gateway-client',
      startedAt: '2026-07-25T01:08:33.000Z',
      updatedAt: '2026-07-25T01:08:35.000Z',
      source: SOURCE,
    });
  });

  test.each([
    [Status.Pending, 'pending', 'Waiting for its turn'],
    [Status.Running, 'running', 'Starting'],
    [Status.ContinuedAsNew, 'running', 'Starting'],
    [Status.Suspended, 'running', 'Starting'],
    [Status.Failed, 'failed', 'The operation ended as Failed before it had a result.'],
    [Status.Terminated, 'failed', 'The operation ended as Terminated before it had a result.'],
    [Status.Canceled, 'failed', 'The operation ended as Canceled before it had a result.'],
  ])('that the engine calls %s is %s: "%s"', (runtimeStatus, state, step) => {
    expect(view({ runtimeStatus })).toMatchObject({ state, step });
  });

  test('that ended without a result says what to do, and nothing that the engine stored', () => {
    const ended = view({ runtimeStatus: Status.Failed, output: 'Error: password hunter2' });
    expect(ended).toMatchObject({ problem: { code: 'SYNC_FAILED', resource: ID }, problems: [{}] });
    expect(ended.problem?.cure).toContain('Ask for it again');
    expect(JSON.stringify(ended)).not.toContain('hunter2');
  });

  test('that succeeded shows its result by target', () => {
    const { verdict: _, ...shown } = RESULT;
    expect(completed(RESULT)).toMatchObject({ ...shown, state: 'succeeded', step: 'done' });
    expect(completed(RESULT)).not.toHaveProperty('problem');
  });

  test('that is blocked shows first what stands in the way of the source, then of a target', () => {
    const own = { code: 'TARGET_UNREADABLE', message: 'own' } as const;
    const blocked = { ...RESULT, verdict: 'blocked', targets: [ROTATED, BLOCKED] };
    expect(completed(blocked)).toMatchObject({ state: 'blocked', problem: PROBLEM });
    expect(completed({ ...blocked, problems: [own] })).toMatchObject({ problem: own });
  });

  test('shows a time as ISO 8601 whether the client read it as a date or as a text', () => {
    const text: unknown = JSON.parse('"2026-07-25T03:08:33+02:00"');
    // The client's type says Date, and what it answers is the text of the JSON.
    expect(view({ createdTime: text as Date }).startedAt).toBe('2026-07-25T01:08:33.000Z');
  });

  test.each([['nonsense'], [null], [{ source: { vault: 7 } }]])(
    'without a readable input (%j) shows no source',
    (input) => {
      expect(view({ runtimeStatus: Status.Running, input })).not.toHaveProperty('source');
    },
  );

  test('with a result that nobody can read is no answer', () => {
    expect(() => completed({ verdict: 'fine' })).toThrow();
  });
});

describe('A sweep', () => {
  const older = { services: 3, vaults: 2, certificates: 4, discovered: 1, syncs: 2 };
  const counts = { ...older, accessChecked: 5, accessBroken: 1 };

  test('shows what it counted', () => {
    expect(completed({ ...counts, problems: [] }, 'sweep')).toMatchObject({
      id: 'sweep',
      kind: 'sweep',
      state: 'succeeded',
      counts,
    });
  });

  test('of a release that did not check the access shows that it checked none', () => {
    expect(completed({ ...older, problems: [] }, 'sweep')).toMatchObject({
      counts: { ...older, accessChecked: 0, accessBroken: 0 },
    });
  });

  test('with more problems than it names counts the rest apart from what it saw', () => {
    const view = completed({ ...counts, problems: [PROBLEM], problemsLeftOut: 7 }, 'sweep');
    expect(view).toMatchObject({ problems: [PROBLEM], problemsLeftOut: 7 });
    expect(view.counts).not.toHaveProperty('problemsLeftOut');
    expect(completed({ ...counts, problems: [] }, 'sweep')).not.toHaveProperty('problemsLeftOut');
  });

  test('says what is to be looked at apart from what it counted, and is no less done for it', () => {
    const view = completed({ ...counts, problems: [], findings: [PROBLEM] }, 'sweep');
    expect(view).toMatchObject({ state: 'succeeded', findings: [PROBLEM] });
    expect(view.counts).not.toHaveProperty('findings');
    expect(completed({ ...counts, problems: [] }, 'sweep')).not.toHaveProperty('findings');
  });

  test('that was a dry run says what a sweep would do, apart from what it counted', () => {
    const planned = [
      { source: { vault: 'contoso-kv', name: 'a' }, action: 'sync', reason: 'Behind' },
    ];
    const view = completed(
      { ...counts, problems: [], planned, plannedLeftOut: 3 },
      'sweep-dry-run',
    );
    expect(view).toMatchObject({
      ...{ id: 'sweep-dry-run', kind: 'sweep', state: 'succeeded' },
      ...{ dryRun: true, planned, plannedLeftOut: 3 },
    });
    expect(view.counts).not.toHaveProperty('planned');
  });

  test('that could not read something is blocked and says by what', () => {
    expect(completed({ ...counts, problems: [PROBLEM] }, 'sweep')).toMatchObject({
      state: 'blocked',
      problem: PROBLEM,
      problems: [PROBLEM],
    });
  });
});

describe('A check of access', () => {
  const CHECK = 'access-contoso-kv';
  const counts = { services: 2, checked: 5, broken: 1, restored: 0 };
  const broken = { source: SOURCE, target: 'contoso-gw/certificates/a', problem: PROBLEM };
  const done = (more: object) =>
    completed({ vault: 'contoso-kv', ...counts, examples: [], problems: [], ...more }, CHECK);

  test('that runs shows the vault', () => {
    const running = { runtimeStatus: Status.Running, input: { vault: 'contoso-kv' } };
    expect(view(running, CHECK)).toMatchObject({
      id: CHECK,
      kind: 'access-check',
      state: 'running',
      vault: 'contoso-kv',
    });
  });

  test('that found all in order has succeeded', () => {
    expect(done({ broken: 0 })).toMatchObject({
      state: 'succeeded',
      counts: { ...counts, broken: 0 },
      problems: [],
    });
    expect(done({ broken: 0 })).not.toHaveProperty('broken');
  });

  test('shows what broke, and where', () => {
    expect(done({ examples: [broken] })).toMatchObject({
      state: 'blocked',
      counts,
      broken: [broken],
      problem: PROBLEM,
    });
  });

  test('that could not look somewhere is blocked and says by what', () => {
    expect(done({ broken: 0, problems: [PROBLEM] })).toMatchObject({
      state: 'blocked',
      problem: PROBLEM,
    });
  });
});
