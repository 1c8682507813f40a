import type { AuditFinding } from '../../../shared/domain/audit/audit-report.ts';
import type { FindingCode } from '../../../shared/domain/audit/finding-codes.ts';
import { FINDING_KINDS } from '../../../shared/domain/audit/finding-kinds.ts';
import { headline } from '../../../shared/domain/audit/headline.ts';
import { compareReports } from '../../../shared/domain/audit/compare-reports.ts';
import type { ReportDigest } from '../../../shared/domain/audit/audit-facts.ts';
import {
  inDays,
  makeClient,
  makeService,
  makeVault,
  makeVaulted,
  READ_AT,
  report,
  UPLOADED,
} from '../../support/audit/make-facts.ts';
import { NEW_THUMBPRINT, OLD_THUMBPRINT } from '../../support/domain-samples.ts';

function finding(code: FindingCode, other: Partial<AuditFinding> = {}): AuditFinding {
  return {
    id: code.toLowerCase(),
    code,
    severity: FINDING_KINDS[code].severity,
    about: 'contoso-kv/a',
    resourceId: 'r',
    message: 'm',
    cure: 'c',
    since: READ_AT,
    ...other,
  };
}

const KNOWN = { acknowledged: { reason: 'r', until: '2027-01-31', from: 'tag' } } as const;

describe('The headline', () => {
  test.each<readonly [health: string, findings: readonly AuditFinding[], sentence: string]>([
    ['healthy', [], 'No certificates were seen.'],
    [
      'healthy',
      [finding('USED_BY_NOTHING')],
      'Nothing has to be done; 1 thing could be tidied up.',
    ],
    ['healthy', [finding('EXPIRED', KNOWN)], 'No certificates were seen.'],
    [
      'attention',
      [finding('WEAK_KEY')],
      'Nothing is broken; 1 finding wants somebody to act soon.',
    ],
    [
      'attention',
      [finding('WEAK_KEY'), finding('EXPIRES_LATER'), finding('NEAR_LIMIT')],
      'Nothing is broken; 3 findings want somebody to act, 1 of them soon.',
    ],
    ['attention', [finding('NEAR_LIMIT')], 'Nothing is broken; 1 finding wants somebody to act.'],
    ['act-now', [finding('EXPIRED')], '1 certificate has expired.'],
    [
      'act-now',
      [finding('EXPIRED'), finding('EXPIRED'), finding('REFERENCE_BROKEN'), finding('WEAK_KEY')],
      '2 certificates have expired; 1 other finding is critical.',
    ],
    ['act-now', [finding('REFERENCE_BROKEN')], '1 finding needs somebody to act now.'],
    [
      'act-now',
      [
        finding('EXPIRES_VERY_SOON', { dueAt: inDays(1.5) }),
        finding('EXPIRES_VERY_SOON', { dueAt: inDays(6.2) }),
      ],
      '2 certificates expire within 7 days, and nothing will renew them.',
    ],
  ])('is %s and says what there is to say', (health, findings, sentence) => {
    expect(headline([], findings, READ_AT)).toMatchObject({ health, sentence });
  });

  test('says that nothing will renew a certificate only where that is so', () => {
    const expiresAt = inDays(2);
    const upload = makeClient({
      id: 'u',
      reference: UPLOADED,
      thumbprint: OLD_THUMBPRINT,
      expiresAt,
    });
    const uploaded = report({ ledger: [], services: [makeService({ clients: [upload] })] });
    expect(uploaded.headline.sentence).toBe(
      '1 certificate expires within 2 days, and nothing will renew it.',
    );
    const { details: _, ...unknown } = makeVaulted({ expiresAt });
    const inVault = report({ vaults: [makeVault({ certificates: [unknown] })] });
    expect(inVault.headline.sentence).toBe('1 certificate expires within 2 days.');
  });

  test('says how many are in order', () => {
    expect(report().headline.sentence).toBe('All 3 certificates are in order.');
  });

  test('names three days that come, each once, and what follows its source by that', () => {
    const clients = [
      makeClient({ expiresAt: inDays(2) }),
      ...[1, 1.1, 2, 3].map((days, at) =>
        makeClient({
          id: `u-${String(at)}`,
          reference: UPLOADED,
          thumbprint: String(at).padStart(40, '0'),
          expiresAt: inDays(days),
        }),
      ),
      makeClient({ id: 'past', reference: UPLOADED, expiresAt: inDays(-1) }),
    ];
    const vaults = [makeVault({ certificates: [makeVaulted({ expiresAt: inDays(2) })] })];
    const { nextDates } = report({ vaults, services: [makeService({ clients })] }).headline;
    expect(nextDates).toEqual([
      {
        at: inDays(1),
        what: 'expires',
        certificates: ['contoso-gw/certificates/u-0', 'contoso-gw/certificates/u-1'],
      },
      {
        at: inDays(2),
        what: 'expires',
        certificates: ['contoso-gw/certificates/u-2', 'contoso-kv/gateway-client'],
      },
      { at: inDays(3), what: 'expires', certificates: ['contoso-gw/certificates/u-3'] },
    ]);
  });
});

describe('What changed between two reports', () => {
  const before: ReportDigest = {
    id: 'a',
    completedAt: inDays(-1),
    scope: { vaults: [], services: [] },
    findings: [],
    certificates: [],
  };
  const after: ReportDigest = { ...before, id: 'b', completedAt: READ_AT };

  test('is what is new, and what is gone, whole', () => {
    const gone = finding('WEAK_KEY');
    const changes = compareReports(
      { ...before, findings: [gone], certificates: [{ id: 'x' }] },
      { ...after, findings: [finding('EXPIRED')], certificates: [{ id: 'y' }] },
    );
    expect(changes).toMatchObject({
      since: { id: 'a', completedAt: inDays(-1) },
      appeared: ['expired'],
      cleared: [gone],
      certificatesAdded: ['y'],
      certificatesRemoved: ['x'],
    });
  });

  test.each([
    ['graver', finding('NEAR_LIMIT'), finding('NEAR_LIMIT', { severity: 'high' }), 'worsened'],
    ['milder', finding('NEAR_LIMIT', { severity: 'high' }), finding('NEAR_LIMIT'), 'eased'],
    [
      'nearer to its end, and as grave',
      finding('UPLOADED_NOT_ROTATING', { id: 'renewal' }),
      finding('EXPIRES_LATER', { id: 'renewal' }),
      'worsened',
    ],
    [
      'renewed, and never to be again',
      finding('EXPIRED', { id: 'renewal' }),
      finding('UPLOADED_NOT_ROTATING', { id: 'renewal' }),
      'eased',
    ],
  ] as const)('is a finding that became %s', (_, was, is, course) => {
    const changes = compareReports({ ...before, findings: [was] }, { ...after, findings: [is] });
    expect({ ...{ worsened: [], eased: [] }, [course]: [is.id] }).toEqual({
      worsened: changes.worsened,
      eased: changes.eased,
    });
    expect(changes).toMatchObject({ appeared: [], cleared: [] });
  });

  test('is another thumbprint at a place', () => {
    const at = (thumbprint: string) => [{ id: 'x', thumbprint }, { id: 'y' }];
    expect(
      compareReports(
        { ...before, certificates: at(OLD_THUMBPRINT) },
        { ...after, certificates: at(NEW_THUMBPRINT) },
      ).certificatesRotated,
    ).toEqual(['x']);
  });

  test('is not what could not be read this time', () => {
    const unreadable = { code: 'AZURE_UNAVAILABLE', message: 'Down.' } as const;
    const first = report({
      services: [makeService({ clients: [makeClient({ thumbprint: OLD_THUMBPRINT })] })],
    });
    const second = report({ services: [makeService({ unreadable })], previous: first });
    expect(second.changes).toMatchObject({ cleared: [], certificatesRemoved: [] });
    expect(second.changes?.appeared).toHaveLength(1);
  });

  test('leaves alone since when a finding has been known', () => {
    const services = [makeService({ clients: [makeClient({ thumbprint: OLD_THUMBPRINT })] })];
    const first = report({ services });
    const second = report({ services, previous: first, completedAt: inDays(1) });
    expect(second.findings.map(({ since }) => since)).toEqual([READ_AT]);
    expect(second.changes).toMatchObject({ appeared: [], worsened: [], eased: [], cleared: [] });
  });
});
