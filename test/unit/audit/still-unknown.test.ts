import type { AuditFacts } from '../../../shared/domain/audit/audit-facts.ts';
import {
  isStillUnknown,
  toDependsOn,
  unreadParts,
} from '../../../shared/domain/audit/still-unknown.ts';
import { newsOf } from '../../../shared/domain/notify/news.ts';
import { parseNotify } from '../../../shared/domain/notify/rules.ts';
import {
  makeClient,
  makeEntry,
  makeService,
  makeVault,
  makeVaulted,
  report,
} from '../../support/audit/make-facts.ts';
import { OLD_THUMBPRINT } from '../../support/domain-samples.ts';

const UNREADABLE = { code: 'AZURE_UNAVAILABLE', message: 'No answer.' } as const;
const NO_LEDGER = { ledger: [makeEntry({ bindings: [] })] };
const STALE = {
  services: [makeService({ clients: [makeClient({ thumbprint: OLD_THUMBPRINT })] })],
};
const DISABLED = {
  ...NO_LEDGER,
  vaults: [makeVault({ certificates: [makeVaulted({ enabled: false })] })],
};
const BLIND_VAULT = { vaults: [makeVault({ certificates: [], unreadable: UNREADABLE })] };
const BLIND_SERVICE = { services: [makeService({ clients: [], unreadable: UNREADABLE })] };
const GAP_IN_SERVICE = { services: [makeService({ clients: [], gaps: [UNREADABLE] })] };
const OTHER = makeService({ name: 'contoso-shop', clients: [] });

type Row = readonly [
  sentence: string,
  code: string,
  course: readonly Partial<AuditFacts>[],
  cleared: boolean,
];

const ROWS: readonly Row[] = [
  ['stale, and then its vault is unread', 'STALE_AT_TARGET', [STALE, BLIND_VAULT], false],
  ['stale, and then its service is unread', 'STALE_AT_TARGET', [STALE, BLIND_SERVICE], false],
  ['stale, and then up to date', 'STALE_AT_TARGET', [STALE, {}], true],
  [
    'stale, and then up to date while another vault is unread',
    'STALE_AT_TARGET',
    [STALE, { vaults: [makeVault(), makeVault({ name: 'other-kv', unreadable: UNREADABLE })] }],
    true,
  ],
  [
    'disabled, and then where it was is unread',
    'SOURCE_DISABLED',
    [DISABLED, { ...DISABLED, ...BLIND_SERVICE }],
    false,
  ],
  [
    'disabled, and then where it was is not read whole',
    'SOURCE_DISABLED',
    [DISABLED, { ...DISABLED, ...GAP_IN_SERVICE }],
    false,
  ],
  [
    'disabled, and then enabled while a service is unread where it never was',
    'SOURCE_DISABLED',
    [DISABLED, { services: [makeService(), { ...OTHER, unreadable: UNREADABLE }] }],
    true,
  ],
  [
    'disabled, and one of its two services is unread before it leaves the other',
    'SOURCE_DISABLED',
    [
      {
        ...DISABLED,
        services: [makeService(), { ...makeService(), name: 'contoso-shop' }],
      },
      { ...DISABLED, services: [makeService(), { ...OTHER, unreadable: UNREADABLE }] },
      {
        ...DISABLED,
        services: [makeService({ clients: [] }), { ...OTHER, unreadable: UNREADABLE }],
      },
    ],
    false,
  ],
];

describe('A finding that is not found any more', () => {
  test.each(ROWS)('%s', (_sentence, code, course, cleared) => {
    const made = course.reduce<ReturnType<typeof report>[]>((before, facts) => {
      const previous = before.at(-1);
      return [...before, report({ ...facts, ...(previous && { previous }) })];
    }, []);
    const [earlier, last] = [made.at(-2), made.at(-1)];
    if (earlier === undefined || last === undefined) throw new Error('Two reports at least.');
    const codes = (some: readonly { readonly code: string }[] = []): string[] =>
      some.map((one) => one.code);
    expect(codes(earlier.findings)).toContain(code);
    expect(codes(last.findings)).not.toContain(code);
    expect(codes(last.changes?.cleared).includes(code)).toBe(cleared);

    const { rules } = parseNotify('findings>=low => slack');
    const told = new Map(
      newsOf('slack', earlier, new Map(), rules).news.map(({ finding }) => [
        finding.id,
        { finding, report: earlier.id },
      ]),
    );
    const { news } = newsOf('slack', last, told, rules);
    const over = news.filter(({ change }) => change === 'cleared').map((one) => one.finding);
    expect(codes(over).includes(code)).toBe(cleared);
  });

  test('is unknown when any part is unread on which it depends, however it is spelled', () => {
    const part = { name: 'Contoso-KV', unreadable: UNREADABLE };
    const unread = unreadParts({ vaults: [part], services: [{ name: 'contoso-gw' }] });
    const at = (about: string, ...dependsOn: string[]): boolean =>
      isStillUnknown({ about, dependsOn }, unread);
    expect(at('contoso-kv/a')).toBe(true);
    expect(at('contoso-gw/certificates/a')).toBe(false);
    expect(at('contoso-gw/certificates/a', 'contoso-kv')).toBe(true);
    expect(at('contoso-gw/certificates/a', 'other-kv')).toBe(false);
    expect(at('contoso-gw/certificates/a', '*')).toBe(true);
    expect(isStillUnknown({ about: 'contoso-gw', dependsOn: ['*'] }, new Set())).toBe(false);
  });
});

describe('What a finding depends on', () => {
  const some = (number: number): string[] =>
    Array.from({ length: number }, (_, at) => `kv-${String(at).padStart(3, '0')}`);

  test.each<readonly [string, readonly string[], readonly string[] | undefined]>([
    ['is nothing besides what it is about', ['contoso-gw', 'Contoso-GW'], undefined],
    ['is named once, in order and in lower case', ['b-kv', 'A-kv', 'a-kv'], ['a-kv', 'b-kv']],
    ['is named up to a hundred times', ['contoso-gw', ...some(100)], some(100)],
    ['is everything where it is more than that', some(101), ['*']],
    ['stays everything once it was', ['*', 'a-kv'], ['*']],
  ])('%s', (_, parts, depends) => {
    expect(toDependsOn('contoso-gw/certificates/a', parts)).toEqual(depends);
  });
});
