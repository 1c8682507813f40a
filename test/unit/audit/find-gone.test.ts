import type { AuditFacts } from '../../../shared/domain/audit/audit-facts.ts';
import {
  IN_USE,
  inDays,
  makeAccess,
  makeBound,
  makeClient,
  makeEntry,
  makeOrphan,
  makeService,
  makeUsage,
  makeVault,
  makeVaulted,
  report,
  told,
  UNUSED,
} from '../../support/audit/make-facts.ts';
import { OLD_THUMBPRINT, PROBLEM } from '../../support/domain-samples.ts';

type Row = readonly [sentence: string, facts: Partial<AuditFacts>, findings: readonly string[]];

const PLACE = 'contoso-gw/certificates/gateway-client';
const GONE = { vaults: [makeVault({ certificates: [] })] };
const DELETED = {
  vaults: [
    makeVault({
      certificates: [],
      deleted: [{ name: 'gateway-client', recoverableUntil: inDays(80) }],
    }),
  ],
};
const ORPHANED = { ledger: [makeEntry({ orphans: [makeOrphan()] })] };
const DISABLED = {
  vaults: [makeVault({ certificates: [makeVaulted({ enabled: false })] })],
};

const VAULT_GONE = {
  vaults: [
    makeVault({ certificates: [], unreadable: { code: 'VAULT_NOT_FOUND', message: 'None.' } }),
  ],
} as const;

/** Asked for and never brought about; nothing is at the target. */
function neverVerified(): Partial<AuditFacts> {
  const { verifiedAt: _, ...binding } = makeBound({ status: 'blocked', problem: PROBLEM });
  return {
    ledger: [makeEntry({ bindings: [binding] })],
    services: [makeService({ clients: [] })],
  };
}

/** A client certificate in which this is other than usual. */
function reading(other: Parameters<typeof makeClient>[0]): Partial<AuditFacts> {
  return { services: [makeService({ clients: [makeClient(other)] })] };
}

const ROWS: readonly Row[] = [
  [
    'a source that is gone is told at what it left',
    { ...GONE, ledger: [] },
    [`SOURCE_GONE ${PLACE}`],
  ],
  ['one that can be recovered too', { ...DELETED, ledger: [] }, [`SOURCE_SOFT_DELETED ${PLACE}`]],
  [
    'what a sweep has found to be an orphan is told as one, and only so',
    { ...DELETED, ...ORPHANED },
    [`ORPHANED ${PLACE}`],
  ],
  ['an orphan whose source is back is none', ORPHANED, []],
  [
    'nothing is gone that could only not be read',
    {
      vaults: [
        makeVault({
          certificates: [],
          unreadable: { code: 'CERTKEEPER_FIREWALLED', message: 'No way in.' },
        }),
      ],
    },
    ['VAULT_UNREADABLE contoso-kv'],
  ],
  ['nor of a vault that nobody read', { vaults: [] }, []],
  [
    'a vault that is gone is told once, and the end of what is left with it',
    { ...VAULT_GONE, ...reading({ expiresAt: inDays(3) }) },
    ['VAULT_GONE contoso-kv'],
  ],
  [
    'what was to be kept from it too',
    { ...VAULT_GONE, ...neverVerified() },
    ['VAULT_GONE contoso-kv'],
  ],
  [
    'so is what was to be kept from a disabled source',
    { ...DISABLED, ...neverVerified() },
    ['SOURCE_DISABLED contoso-kv/gateway-client'],
  ],
  [
    'an orphan that nothing uses is told as an orphan',
    {
      ...DELETED,
      ...ORPHANED,
      services: [makeService({ usage: makeUsage({ [PLACE]: UNUSED }) })],
    },
    [`ORPHANED ${PLACE}`],
  ],
  [
    'a vault that is gone is told without any place of its own',
    {
      vaults: [
        makeVault({ certificates: [], unreadable: { code: 'VAULT_NOT_FOUND', message: 'None.' } }),
      ],
    },
    ['VAULT_GONE contoso-kv'],
  ],
  ['a disabled source is told once', DISABLED, ['SOURCE_DISABLED contoso-kv/gateway-client']],
  [
    'a disabled source that nobody wants is not',
    { ...DISABLED, ledger: [], services: [makeService({ clients: [] })] },
    [],
  ],
  [
    'a vault that is not under care is told at its place, and its expiry too',
    reading({
      reference: { kind: 'foreign', identifier: 'https://other.vault.azure.net/secrets/x' },
      thumbprint: OLD_THUMBPRINT,
      expiresAt: inDays(10),
    }),
    [`EXPIRES_SOON ${PLACE}`, `SOURCE_VAULT_FOREIGN ${PLACE}`],
  ],
  [
    'a certificate whose first version is awaited is not gone',
    {
      ...GONE,
      ledger: [
        makeEntry({
          access: [
            makeAccess({
              code: 'CERTIFICATE_PENDING',
              message: 'Not yet.',
              resource: 'contoso-kv/gateway-client',
            }),
          ],
        }),
      ],
    },
    ['CERTIFICATE_PENDING contoso-kv'],
  ],
];

describe('Of what its source left behind an audit says:', () => {
  test.each(ROWS)('%s', (_, facts, findings) => {
    expect(told(report(facts))).toEqual(findings);
  });

  test('an orphan tells the day on which it is removed', () => {
    const orphans = [makeOrphan({ removeAfter: inDays(4), recoverableUntil: inDays(80) })];
    const made = report({ ...DELETED, ledger: [makeEntry({ orphans })] });
    expect(made.findings[0]).toMatchObject({
      dueAt: inDays(4),
      message: `${PLACE} is left over from contoso-kv/gateway-client, which is deleted, and can be recovered until 2027-02-16. It is to be removed on 2026-12-02.`,
    });
    const row = made.certificates.find(({ id }) => id === PLACE);
    expect(row).toMatchObject({ removedOn: inDays(4) });
    expect(made.headline.nextDates[0]).toEqual({
      at: inDays(4),
      what: 'removed',
      certificates: [PLACE],
    });
  });

  test('a source in use that is disabled is as grave as the place that it hurts first', () => {
    const services = [
      makeService({
        clients: [makeClient({ thumbprint: OLD_THUMBPRINT, expiresAt: inDays(6) })],
        usage: makeUsage({ [PLACE]: IN_USE }),
      }),
    ];
    expect(report({ ...DISABLED, services }).findings).toMatchObject([
      { code: 'SOURCE_DISABLED', severity: 'critical', dueAt: inDays(6) },
    ]);
  });
});
