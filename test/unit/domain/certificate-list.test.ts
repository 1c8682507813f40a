import fc from 'fast-check';
import type { Binding, SourceRecord } from '../../../shared/domain/binding.ts';
import {
  certificateStatus,
  comparePlaces,
  LIST_ORDERS,
  placeInList,
  selectForList,
  type CertificateStatus,
  type ListedCertificate,
  type ListFilter,
} from '../../../shared/domain/certificate-list.ts';
import type { Problem } from '../../../shared/domain/errors.ts';
import { anySource } from '../../support/any-target.ts';
import {
  makeBinding,
  NEW_THUMBPRINT,
  PROBLEM,
  SOURCE,
  TARGET,
} from '../../support/domain-samples.ts';

const PASSING: Problem = { code: 'AZURE_UNAVAILABLE', message: 'not now' };
const bound = (...statuses: Binding['status'][]): Binding[] =>
  statuses.map((status, at) =>
    makeBinding({ status, target: { ...TARGET, id: `id-${String(at)}` } }),
  );
const entry = (bindings: readonly Binding[], record: Partial<SourceRecord> = {}) => ({
  record: { source: SOURCE, problems: [], ...record },
  bindings,
});

describe('The status of a certificate as a whole', () => {
  test.each<
    [sentence: string, bindings: Binding[], record: Partial<SourceRecord>, CertificateStatus]
  >([
    ['verified when every binding is', bound('verified', 'verified'), {}, 'verified'],
    ['pending while one was not looked at', bound('verified', 'pending'), {}, 'pending'],
    ['blocked when one is', bound('verified', 'blocked', 'pending'), {}, 'blocked'],
    ['failed when one did, blocked or not', bound('blocked', 'failed'), {}, 'failed'],
    ['blocked by a problem of its own', bound('verified'), { problems: [PROBLEM] }, 'blocked'],
    ['failed by a problem that may pass', bound('blocked'), { problems: [PASSING] }, 'failed'],
    ['ignored when it is left alone', [], { ignored: true }, 'ignored'],
    ['unbound when it was given up', [], { unbound: true }, 'unbound'],
  ])('is %s', (_, bindings, record, status) => {
    expect(certificateStatus(entry(bindings, record))).toBe(status);
  });

  test('is none when it is no concern of ours', () => {
    expect(certificateStatus(entry([], { seenAt: '2026-07-25T01:08:33.000Z' }))).toBeUndefined();
  });
});

describe('A filtered list', () => {
  const AT = { ...TARGET, service: 'contoso-eu-gw', id: 'elsewhere' };
  const APP = { kind: 'entra-application', appId: '11111111-1111-4111-8111-111111111111' } as const;
  const ENTRY = entry(
    [
      makeBinding(),
      makeBinding({ target: AT, status: 'blocked', problem: PROBLEM }),
      makeBinding({ target: APP, status: 'pending' }),
    ],
    { thumbprint: NEW_THUMBPRINT, expiresAt: '2027-07-25T01:00:00.000Z' },
  );
  const TROUBLED = entry([makeBinding()], { problems: [PROBLEM] });

  test.each<[sentence: string, filter: ListFilter, shown: number]>([
    ['shows everything when nothing is asked', {}, 3],
    ['shows a certificate of the vault', { vault: 'contoso-kv' }, 3],
    ['shows the bindings to a service', { service: 'contoso-eu-gw' }, 1],
    ['shows the bindings of a status', { statuses: ['blocked'] }, 1],
    ['shows the bindings of any of several', { statuses: ['blocked', 'verified'] }, 2],
    ['shows what expires before', { expiresBefore: '2027-07-25T01:00:00.001Z' }, 3],
    ['finds a part of vault and name in any case', { text: 'KV/gate' }, 3],
    ['finds a thumbprint', { text: NEW_THUMBPRINT.slice(0, 6).toLowerCase() }, 3],
    ['finds a target by its path', { text: 'eu-gw/cert' }, 1],
    ['shows what passes in every way', { service: 'contoso-eu-gw', statuses: ['blocked'] }, 1],
  ])('%s', (_, filter, shown) => {
    const listed = selectForList(ENTRY, filter);
    expect(listed?.bindings).toHaveLength(shown);
    // As a whole it stands as it does, whatever of it is shown.
    expect(listed?.status).toBe('blocked');
  });

  test.each<[sentence: string, filter: ListFilter]>([
    ['of another vault', { vault: 'contoso-kv-2' }],
    ['bound to no target of the service', { service: 'contoso' }],
    ['with nothing of that status', { statuses: ['failed'] }],
    ['that does not expire before', { expiresBefore: '2027-07-25T01:00:00.000Z' }],
    ['that holds no such text', { text: 'nowhere' }],
    [
      'where one binding has the service and another the status',
      { service: 'contoso-gw', statuses: ['blocked'] },
    ],
    [
      'where one binding has the text and another the service',
      { service: 'contoso-gw', text: 'eu-gw' },
    ],
  ])('leaves out a certificate %s', (_, filter) => {
    expect(selectForList(ENTRY, filter)).toBeUndefined();
  });

  test('shows a certificate for its own trouble, without the bindings that have none', () => {
    expect(selectForList(TROUBLED, { statuses: ['blocked'] })).toMatchObject({ bindings: [] });
    expect(
      selectForList(TROUBLED, { statuses: ['blocked'], service: 'contoso-gw' }),
    ).toBeUndefined();
  });

  test('does not take an unknown expiry for an early one', () => {
    expect(selectForList(TROUBLED, { expiresBefore: '2999-01-01T00:00:00.000Z' })).toBeUndefined();
  });
});

describe('The order of a list', () => {
  const anyListed: fc.Arbitrary<ListedCertificate> = fc
    .record({
      source: anySource,
      expiresAt: fc.option(
        fc
          .date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
          .map((date) => date.toISOString()),
      ),
      status: fc.constantFrom('failed' as const, 'verified' as const),
    })
    .map(({ source, expiresAt, status }) => ({
      record: { source, problems: [], ...(expiresAt === null ? {} : { expiresAt }) },
      bindings: [],
      status,
    }));

  test('puts any two certificates apart, the same way from either side', () => {
    fc.assert(
      fc.property(anyListed, anyListed, fc.constantFrom(...LIST_ORDERS), (one, other, order) => {
        const [a, b] = [placeInList(one, order), placeInList(other, order)];
        const same =
          one.record.source.vault === other.record.source.vault &&
          one.record.source.name === other.record.source.name;
        const compared = comparePlaces(a, b, order);
        expect(comparePlaces(b, a, order)).toBe(compared === 0 ? 0 : -compared);
        if (compared === 0) expect(same).toBe(true);
      }),
    );
  });

  test.each([
    ['expires', ['early', 'late', 'never']],
    ['-expires', ['late', 'early', 'never']],
    ['status', ['late', 'early', 'never']],
    ['-status', ['never', 'early', 'late']],
    ['name', ['early', 'late', 'never']],
    ['-name', ['never', 'late', 'early']],
  ] as const)('by %s is %j', (order, names) => {
    const listed = (name: string, expiresAt: string | undefined, status: CertificateStatus) => ({
      record: {
        source: { ...SOURCE, name },
        problems: [],
        ...(expiresAt === undefined ? {} : { expiresAt }),
      },
      bindings: [],
      status,
    });
    const all: ListedCertificate[] = [
      listed('never', undefined, 'ignored'),
      listed('late', '2027-07-25T01:00:00.000Z', 'failed'),
      listed('early', '2027-01-25T01:00:00.000Z', 'verified'),
    ];
    all.sort((a, b) => comparePlaces(placeInList(a, order), placeInList(b, order), order));
    expect(all.map(({ record }) => record.source.name)).toEqual(names);
  });
});
