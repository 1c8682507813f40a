import { makeShowCertificateRoute } from '../../../functions/triggers/show-certificate-route.ts';
import type { Binding, SourceRecord } from '../../../shared/domain/binding.ts';
import { TerminalError, TransientError } from '../../../shared/domain/errors.ts';
import type { ListedVersion } from '../../../shared/domain/vault-ports.ts';
import type { SourceObservation } from '../../../shared/domain/source.ts';
import { certificateDetailSchema } from '../../../shared/http/certificate-view.ts';
import { askRoute } from '../../support/ask-route.ts';
import {
  makeBinding,
  makePresent,
  NEW_THUMBPRINT,
  NEW_VERSION,
  NOW,
  OLD_THUMBPRINT,
  OLD_VERSION,
  PROBLEM,
  SOURCE,
} from '../../support/domain-samples.ts';
import { makeMemoryHistory } from '../../support/memory-history.ts';
import { makeMemoryLedger } from '../../support/memory-ledger.ts';

const NEW: ListedVersion = {
  version: NEW_VERSION,
  thumbprint: NEW_THUMBPRINT,
  enabled: true,
  createdAt: '2026-07-25T01:00:00.000Z',
  expiresAt: '2027-07-25T01:00:00.000Z',
};
const OLD: ListedVersion = {
  version: OLD_VERSION,
  thumbprint: OLD_THUMBPRINT,
  enabled: true,
  createdAt: '2025-07-25T01:00:00.000Z',
};
const REFUSAL = {
  code: 'CERTKEEPER_PERMISSION_MISSING',
  message: 'Certkeeper may not list the versions.',
  cure: 'az role assignment create',
} as const;

async function show(
  known: {
    bindings?: readonly Binding[];
    record?: Partial<SourceRecord>;
    entries?: number;
    versions?: () => Promise<readonly ListedVersion[]>;
    current?: () => Promise<SourceObservation>;
  },
  query = '',
  params = { vault: 'Contoso-KV', name: 'Gateway-Client' },
) {
  const history = makeMemoryHistory();
  for (let at = 0; at < (known.entries ?? 0); at += 1) {
    await history.add({
      source: SOURCE,
      at: new Date(Date.parse(NOW) + at * 1_000).toISOString(),
      what: 'sync',
      by: { kind: 'entra', id: 'an-id', name: 'Ann' },
      verdict: 'succeeded',
      targets: [{ target: 'contoso-gw', outcome: 'rotated', reason: 'NewVersion' }],
    });
  }
  const { record } = known;
  const reads = jest.fn(known.current ?? (() => Promise.reject(new Error('read for nothing'))));
  const route = makeShowCertificateRoute({
    vaults: new Set(['contoso-kv']),
    ledger: makeMemoryLedger(
      known.bindings ?? [],
      record === undefined ? [] : [{ source: SOURCE, problems: [], ...record }],
    ),
    history,
    vault: { versions: known.versions ?? (() => Promise.resolve([])), readCurrent: reads },
  });
  return await askRoute(route, `/certificates/contoso-kv/gateway-client${query}`, { params });
}
const listed =
  (...versions: ListedVersion[]) =>
  () =>
    Promise.resolve(versions);

describe('One certificate', () => {
  test('is shown with versions, bindings and history', async () => {
    const { status, body } = await show({
      bindings: [makeBinding()],
      record: { version: NEW_VERSION, thumbprint: NEW_THUMBPRINT, seenAt: NOW },
      entries: 2,
      versions: listed(NEW, OLD),
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      vault: 'contoso-kv',
      name: 'gateway-client',
      status: 'verified',
      bindings: [{ target: 'contoso-gw/certificates/gateway-client', current: false }],
      versions: [
        { ...NEW, current: true },
        { ...OLD, current: false },
      ],
      history: [{ at: '2026-07-25T01:08:34.000Z', by: { name: 'Ann' } }, { at: NOW }],
    });
    expect(certificateDetailSchema.parse(body)).toEqual(body);
    expect(body).not.toHaveProperty('versionsProblem');
  });

  test('is shown when only the vault knows it', async () => {
    const { status, body } = await show({ versions: listed(NEW) });
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'unbound', bindings: [], versions: [{ current: true }] });
  });

  test.each<[sentence: string, known: Parameters<typeof show>[0]]>([
    ['was bound', { bindings: [makeBinding()] }],
    ['was seen', { record: { seenAt: NOW } }],
    ['has a problem', { record: { problems: [PROBLEM] } }],
    ['has a history', { entries: 1 }],
  ])('is shown when the vault has it no more and it %s', async (_, known) => {
    await expect(show(known)).resolves.toMatchObject({ status: 200, body: { versions: [] } });
  });

  test('is not found when neither knows it', async () => {
    const { status, body } = await show({});
    expect(status).toBe(404);
    expect(body).toMatchObject({ code: 'SOURCE_NOT_FOUND', resource: 'contoso-kv/gateway-client' });
  });

  test.each<[how: string, error: Error]>([
    ['refused', new TerminalError(REFUSAL)],
    ['out of order', new TransientError(REFUSAL)],
  ])('is shown from the ledger, with the problem, when the vault is %s', async (_, error) => {
    const { status, body } = await show({
      bindings: [makeBinding()],
      versions: () => Promise.reject(error),
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      bindings: [{ status: 'verified' }],
      versions: [],
      versionsProblem: REFUSAL,
    });
  });

  test('answers what the vault answered when only the vault could know it', async () => {
    const { status, body } = await show({
      versions: () => Promise.reject(new TerminalError(REFUSAL)),
    });
    expect(status).toBe(502);
    expect(body).toMatchObject({ code: REFUSAL.code, cure: REFUSAL.cure });
  });

  test('hides nothing that was not foreseen behind the ledger', async () => {
    const { status } = await show({
      bindings: [makeBinding()],
      versions: () => Promise.reject(new Error('a bug')),
    });
    expect(status).toBe(500);
  });
});

describe('The current version', () => {
  const TWIN = { ...OLD, createdAt: NEW.createdAt };
  const currentOf = ({ body }: Awaited<ReturnType<typeof show>>) =>
    certificateDetailSchema
      .parse(body)
      .versions.filter(({ current }) => current)
      .map(({ version }) => version);

  test.each<
    [sentence: string, versions: ListedVersion[], current: SourceObservation, expected: string]
  >([
    ['the one that the vault answers', [TWIN, NEW], makePresent(), NEW_VERSION],
    [
      'the disabled one when the vault refuses for that',
      [TWIN, { ...NEW, enabled: false }],
      { kind: 'disabled' },
      NEW_VERSION,
    ],
    ['the first when the vault has none any more', [TWIN, NEW], { kind: 'missing' }, OLD_VERSION],
  ])('of two that were made in the same second is %s', async (_, versions, current, expected) => {
    const answer = await show({
      versions: listed(...versions),
      current: () => Promise.resolve(current),
    });
    expect(currentOf(answer)).toEqual([expected]);
  });
});

describe('The history that is shown', () => {
  test.each([
    ['', 20],
    ['?history=3', 3],
    ['?history=0', 0],
    ['?history=200', 30],
  ])('with %j has at most so many entries: %i', async (query, length) => {
    const { body } = await show({ bindings: [makeBinding()], entries: 30 }, query);
    expect(certificateDetailSchema.parse(body).history).toHaveLength(length);
  });

  test.each(['?history=201', '?history=-1', '?history=all'])('is never %s', async (query) => {
    const { status, body } = await show({}, query);
    expect(status).toBe(400);
    expect(body).toMatchObject({ errors: [{ field: 'history' }] });
  });
});

test.each([
  ['name', { vault: 'contoso-kv', name: 'a_b' }, 400, 'INVALID_REQUEST'],
  ['vault', { vault: 'foreign-kv', name: 'a' }, 404, 'VAULT_NOT_CONFIGURED'],
])('A certificate of a bad %s is refused', async (_, params, status, code) => {
  const answer = await show({}, '', params);
  expect(answer).toMatchObject({ status, body: { code } });
});
