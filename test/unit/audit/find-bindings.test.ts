import type { AuditFacts } from '../../../shared/domain/audit/audit-facts.ts';
import type { Problem } from '../../../shared/domain/errors.ts';
import {
  inDays,
  makeAccess,
  makeBound,
  makeClient,
  makeEntry,
  makeService,
  makeVault,
  makeVaulted,
  report,
  told,
} from '../../support/audit/make-facts.ts';
import {
  NEW_VERSION,
  OLD_THUMBPRINT,
  OLD_VERSION,
  PROBLEM,
  SOURCE,
  TARGET,
} from '../../support/domain-samples.ts';

type Row = readonly [sentence: string, facts: Partial<AuditFacts>, findings: readonly string[]];

const PLACE = 'contoso-gw/certificates/gateway-client';
const NAME = 'contoso-kv/gateway-client';
const VAULT_ID = '/subscriptions/s/vaults/contoso-kv';

function problem(code: Problem['code'], resource?: string): Problem {
  return { code, message: `It is so: ${code}.`, cure: 'Do this.', ...(resource && { resource }) };
}

function bound(other: Parameters<typeof makeBound>[0]): Partial<AuditFacts> {
  return { ledger: [makeEntry({ bindings: [makeBound(other)] })] };
}

/** Asked for, and never verified; nothing is at the target. */
function neverVerified(other: Parameters<typeof makeBound>[0]): Partial<AuditFacts> {
  const {
    verifiedAt: _,
    verifiedVersion: __,
    ...binding
  } = makeBound({ status: 'blocked', ...other });
  return {
    ledger: [makeEntry({ bindings: [binding] })],
    services: [makeService({ clients: [] })],
  };
}

function recorded(...problems: Problem[]): Partial<AuditFacts> {
  const entry = makeEntry();
  return { ledger: [{ ...entry, record: { ...entry.record, problems } }] };
}

function checked(...access: ReturnType<typeof makeAccess>[]): Partial<AuditFacts> {
  return { ledger: [makeEntry({ access })] };
}

const ROWS: readonly Row[] = [
  [
    'a binding that was asked for and never came about',
    neverVerified({ problem: PROBLEM }),
    ['BINDING_UNSATISFIED contoso-gw'],
  ],
  [
    'one that nobody has looked at yet',
    neverVerified({ status: 'pending' }),
    ['BINDING_UNSATISFIED contoso-gw'],
  ],
  [
    'not one that a check of access explains',
    {
      ...neverVerified({ problem: PROBLEM }),
      ledger: [
        makeEntry({
          bindings: [{ ...makeBound({ status: 'blocked', problem: PROBLEM }) }],
          access: [makeAccess(problem('IDENTITY_MISSING', '/gw'))],
        }),
      ],
    },
    ['IDENTITY_MISSING contoso-gw'],
  ],
  ['not one that is leaving', neverVerified({ problem: PROBLEM, leaving: true }), []],
  [
    'a binding that was verified, and that the last sync could not deal with',
    bound({ status: 'failed', problem: PROBLEM }),
    [`SYNC_BLOCKED ${PLACE}`],
  ],
  [
    'a target that holds something else by now, by that',
    bound({ status: 'blocked', problem: problem('TARGET_CHANGED', PLACE) }),
    [`REFERENCE_ELSEWHERE ${PLACE}`],
  ],
  [
    'a workspace that is gone, by that, where its target was in order before',
    bound({ status: 'blocked', problem: problem('WORKSPACE_NOT_FOUND') }),
    [`WORKSPACE_NOT_FOUND ${PLACE}`],
  ],
  [
    'identities that were changed, by that',
    bound({ status: 'blocked', problem: problem('IDENTITY_AMBIGUOUS', '/gw') }),
    [`IDENTITY_AMBIGUOUS ${PLACE}`],
  ],
  [
    'one that never was as a binding that never came about',
    neverVerified({ problem: problem('WORKSPACE_NOT_FOUND') }),
    ['BINDING_UNSATISFIED contoso-gw'],
  ],
  [
    'not one that waits for its turn and holds the current version',
    bound({ status: 'pending' }),
    [],
  ],
  [
    'a version that is held, once, at its source',
    {
      services: [
        makeService({
          clients: [
            makeClient({ thumbprint: OLD_THUMBPRINT }),
            makeClient({ id: 'other', thumbprint: OLD_THUMBPRINT }),
          ],
        }),
      ],
      ledger: [
        makeEntry({
          bindings: [
            makeBound({ status: 'blocked', problem: problem('VERSION_HELD', NAME) }),
            makeBound({
              target: { ...TARGET, id: 'other' },
              status: 'blocked',
              problem: problem('VERSION_HELD', NAME),
            }),
          ],
        }),
      ],
    },
    [`VERSION_HELD ${NAME}`, 'SEVERAL_IDS contoso-gw'],
  ],
  [
    'a tag that names no target',
    recorded(problem('TARGET_UNREADABLE', 'x')),
    [`TARGET_UNREADABLE ${NAME}`],
  ],
  [
    'several of them, each',
    recorded(problem('TARGET_UNREADABLE', 'x'), problem('TARGET_UNREADABLE', 'y')),
    [`TARGET_UNREADABLE ${NAME}`, `TARGET_UNREADABLE ${NAME}`],
  ],
  [
    'what else stood in the way of a source',
    recorded(problem('BINDING_NOT_ALLOWED')),
    [`SYNC_BLOCKED ${NAME}`],
  ],
  ['not what the audit sees for itself', recorded(problem('SOURCE_NOT_FOUND')), []],
  [
    'a record that cannot be read',
    { ledger: [makeEntry({ unreadable: [problem('RECORD_UNREADABLE', 'row')] })] },
    [`RECORD_UNREADABLE ${NAME}`],
  ],
  [
    'references that a rotation broke',
    bound({
      broken: { thumbprints: [OLD_THUMBPRINT], problems: [problem('REFERENCES_WOULD_BREAK')] },
    }),
    [`REFERENCE_BROKEN ${PLACE}`],
  ],
  [
    'a suspect version',
    {
      ledger: [
        makeEntry({
          record: {
            source: SOURCE,
            problems: [],
            suspect: { version: NEW_VERSION, problem: problem('VERSION_SUSPECT', NAME) },
          },
        }),
      ],
    },
    [`VERSION_SUSPECT ${NAME}`],
  ],
  [
    'not one that another has replaced since',
    {
      ledger: [
        makeEntry({
          record: {
            source: SOURCE,
            problems: [],
            suspect: { version: OLD_VERSION, problem: problem('VERSION_SUSPECT', NAME) },
          },
        }),
      ],
    },
    [],
  ],
  [
    'what lies between a service and a vault, at the service',
    checked(makeAccess(problem('PERMISSION_MISSING', VAULT_ID))),
    ['PERMISSION_MISSING contoso-gw'],
  ],
  [
    'what is wrong with a reference, at its place',
    checked(makeAccess(problem('REFERENCE_NOT_A_SECRET', PLACE))),
    [`REFERENCE_NOT_A_SECRET ${PLACE}`],
  ],
  [
    'what is wrong with a certificate, at its source',
    checked(makeAccess(problem('CERTIFICATE_NOT_EXPORTABLE', NAME))),
    [`CERTIFICATE_NOT_EXPORTABLE ${NAME}`],
  ],
  [
    'not what passes by itself',
    checked(makeAccess(problem('PERMISSION_PROPAGATING', VAULT_ID), { verdict: 'may-block' })),
    [],
  ],
  [
    'nor of a binding that there is no more',
    {
      ledger: [
        makeEntry({ bindings: [], access: [makeAccess(problem('PERMISSION_MISSING', VAULT_ID))] }),
      ],
    },
    [],
  ],
  [
    'nor how a certificate is read that is not there to be read',
    {
      ...checked(makeAccess(problem('PERMISSION_MISSING', VAULT_ID))),
      vaults: [makeVault({ certificates: [makeVaulted({ enabled: false })] })],
    },
    [`SOURCE_DISABLED ${NAME}`],
  ],
];

describe('Of what the ledger knows an audit tells', () => {
  test.each(ROWS)('%s', (_, facts, findings) => {
    expect(told(report(facts))).toEqual(findings);
  });

  test('one permission that is missing as one finding, however many certificates it keeps out', () => {
    const clients = [1, 2, 3].map((at) =>
      makeClient({ id: `c-${String(at)}`, thumbprint: OLD_THUMBPRINT, expiresAt: inDays(at * 10) }),
    );
    const targets = clients.map(({ id }) => ({ ...TARGET, id }));
    const ledger = [
      makeEntry({
        bindings: targets.map((target) => makeBound({ target })),
        access: targets.map((target) =>
          makeAccess(problem('PERMISSION_MISSING', VAULT_ID), { target }),
        ),
      }),
    ];
    const made = report({ services: [makeService({ clients })], ledger });
    expect(made.findings.filter(({ code }) => code !== 'SEVERAL_IDS')).toMatchObject([
      {
        code: 'PERMISSION_MISSING',
        about: 'contoso-gw',
        severity: 'high',
        dueAt: inDays(10),
        message: 'It is so: PERMISSION_MISSING. It stands before 3 targets.',
      },
    ]);
  });

  test.each([
    ['blocks', 'high'],
    ['may-block', 'medium'],
  ] as const)('a firewall that %s as %s', (verdict, severity) => {
    const { findings } = report(
      checked(makeAccess(problem('VAULT_FIREWALL', VAULT_ID), { verdict })),
    );
    expect(findings).toMatchObject([{ code: 'VAULT_FIREWALL', severity }]);
  });

  test('what may pass as of little weight', () => {
    expect(
      report(bound({ status: 'failed', problem: problem('AZURE_UNAVAILABLE') })).findings,
    ).toMatchObject([{ code: 'SYNC_BLOCKED', severity: 'low' }]);
  });
});
