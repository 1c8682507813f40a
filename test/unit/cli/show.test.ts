import fc from 'fast-check';
import pc from 'picocolors';
import type {
  ApiCertificate,
  ApiDetail,
  ApiOperation,
  ApiPlan,
  ApiUploaded,
} from '../../../cli/api.ts';
import { formatCertificate } from '../../../cli/show/certificate.ts';
import { formatList } from '../../../cli/show/list.ts';
import { formatOperation, formatPlan } from '../../../cli/show/operation.ts';
import { clean, formatProblem } from '../../../cli/show/problem.ts';
import { formatTable } from '../../../cli/show/table.ts';
import { formatUploaded } from '../../../cli/show/upload.ts';
import { formatExpiry } from '../../../cli/show/words.ts';

const NOW = Date.parse('2026-11-21T10:00:00.000Z');
const PLAIN = { colors: pc.createColors(false), columns: 80 };
const WIDE = { ...PLAIN, columns: undefined };
const COLOURED = { colors: pc.createColors(true), columns: 80 };
const THUMBPRINT = '5A1F'.padEnd(40, '0');
const VERSION = '0d5c'.padEnd(32, '0');
const PROBLEM = {
  code: 'PERMISSION_MISSING',
  message: `${'A sentence that is rather long. '.repeat(6)}It ends here.`,
  cure: 'Ask somebody who may change it.',
};
const CERTIFICATE: ApiCertificate = {
  vault: 'contoso-kv',
  name: 'gateway-client',
  status: 'blocked',
  version: VERSION,
  thumbprint: THUMBPRINT,
  expiresAt: '2027-11-21T10:00:00.000Z',
  seenAt: '2026-11-21T09:00:00.000Z',
  operation: '/api/operations/sync-1',
  bindings: [
    {
      target: 'contoso-gw/certificates/gateway-client',
      status: 'verified',
      current: true,
      origin: 'discovered',
      thumbprint: THUMBPRINT,
      verifiedAt: '2026-11-21T09:00:00.000Z',
    },
    {
      target: `contoso-production-gateway/workspaces/team/certificates/${'x'.repeat(60)}`,
      status: 'blocked',
      current: false,
      origin: 'tag',
      problem: PROBLEM,
    },
  ],
};
const DETAIL: ApiDetail = {
  ...CERTIFICATE,
  versions: [
    {
      version: VERSION,
      current: true,
      enabled: false,
      thumbprint: THUMBPRINT,
      createdAt: '2026-11-21T09:00:00.000Z',
      expiresAt: '2027-11-21T10:00:00.000Z',
    },
  ],
  history: [
    {
      at: '2026-11-21T09:00:00.000Z',
      what: 'sync',
      by: { kind: 'entra', id: 'an-id', name: 'Ann' },
      verdict: 'blocked',
      targets: [{ target: 'contoso-gw', outcome: 'blocked', problem: 'PERMISSION_MISSING' }],
      targetsLeftOut: 3,
    },
    { at: '2026-11-20T09:00:00.000Z', what: 'sync', by: { kind: 'platform' } },
  ],
};
const OPERATION: ApiOperation = {
  id: 'sync-1',
  state: 'blocked',
  step: 'done',
  source: { vault: 'contoso-kv', name: 'gateway-client' },
  version: VERSION,
  targets: [
    {
      target: 'contoso-gw/certificates/gateway-client',
      outcome: 'rotated',
      reason: 'NewVersion',
      thumbprint: THUMBPRINT,
      previousThumbprint: '91B0'.padEnd(40, '0'),
    },
    { target: 'contoso-lab-gw', outcome: 'blocked', reason: 'Refused', problem: PROBLEM },
  ],
  problems: [],
};
const PLAN: ApiPlan = {
  observation: { kind: 'present', current: { version: VERSION, thumbprint: THUMBPRINT } },
  targets: [
    { target: 'contoso-gw', step: 'refresh', reason: 'NewVersion' },
    { target: 'contoso-lab-gw', step: 'blocked', reason: 'Refused', problem: PROBLEM },
  ],
  problems: [],
};
const UPLOADED: ApiUploaded = {
  id: 'sync-1',
  operation: '/api/operations/sync-1',
  source: { vault: 'contoso-kv', name: 'gateway-client' },
  imported: true,
  version: VERSION,
  warnings: [PROBLEM],
  understood: {
    subject: 'CN=gateway.contoso.com, O=Contoso',
    issuer: 'CN=Contoso CA',
    sans: Array.from({ length: 12 }, (_, at) => `host-${String(at)}.contoso.com`),
    thumbprint: THUMBPRINT,
    notBefore: '2026-11-21T10:00:00.000Z',
    notAfter: '2027-11-21T10:00:00.000Z',
    keyType: 'EC',
    curve: 'P-256',
    chain: [{ subject: 'CN=Contoso CA' }],
  },
};
const plainly = (text: string): string =>
  // eslint-disable-next-line no-control-regex -- colours
  text.replace(/\u001b\[\d+m/g, '');

describe('What a person reads', () => {
  const shown: Readonly<Record<string, (output: typeof PLAIN) => string>> = {
    'a list': (output) => formatList({ certificates: [CERTIFICATE], next: '/x' }, output, NOW),
    'a certificate': (output) => formatCertificate(DETAIL, output, NOW),
    'an operation': (output) => formatOperation(OPERATION, output),
    'a plan': (output) => formatPlan('contoso-kv/gateway-client', PLAN, output),
    'an upload': (output) => formatUploaded(UPLOADED, output, NOW),
    'a problem': ({ colors, columns }) =>
      formatProblem({ ...PROBLEM, resource: 'contoso-kv', correlationId: '6f1c' }, colors, columns),
  };

  test.each(Object.entries(shown))('of %s fits 80 columns, with colours or without', (_, show) => {
    for (const line of show(PLAIN).split('\n'))
      expect([line, line.length <= 80]).toEqual([line, true]);
    expect(show(COLOURED)).not.toBe(show(PLAIN));
    expect(plainly(show(COLOURED))).toBe(show(PLAIN));
  });

  test('names what is in the way, and what to do', () => {
    for (const text of [formatCertificate(DETAIL, PLAIN, NOW), formatOperation(OPERATION, PLAIN)]) {
      expect(text.replace(/\s+/g, ' ')).toContain(
        'It ends here. (PERMISSION_MISSING) What to do: Ask somebody who may change it.',
      );
    }
  });

  test('of a version that counts although it is disabled says both', () => {
    expect(formatCertificate(DETAIL, PLAIN, NOW)).toMatch(/current,\s+disabled|current, disabled/);
  });

  test('of an upload and a roll-back says where things stand', () => {
    const told = (some: Partial<ApiUploaded>): string =>
      formatUploaded({ ...UPLOADED, ...some }, PLAIN, NOW)
        .split('\n  ')[0]
        ?.replace(/\s+/g, ' ') ?? '';
    const name = 'contoso-kv/gateway-client';
    expect(told({})).toBe(`${name} has a new version, ${VERSION}.`);
    expect(told({ imported: false })).toContain('nothing was imported');
    expect(told({ rolledBackTo: 'v1' })).toBe(
      `${name} holds what was version v1 again, as ${VERSION}.`,
    );
  });

  test('of a version that looks wrong is not among what is in the way', () => {
    const suspect = { version: VERSION, problem: { code: 'VERSION_SUSPECT', message: 'Odd.' } };
    const text = formatCertificate({ ...DETAIL, suspect }, PLAIN, NOW);
    expect(text).toContain('Looks wrong\n  Odd. (VERSION_SUSPECT)\n\nIn the way\n');
  });

  test('of targets that were left says no more than that', () => {
    const left = [{ target: 'contoso-gw', outcome: 'removed', reason: 'DetachAsked' }];
    const text = formatOperation({ ...OPERATION, state: 'succeeded', targets: left }, PLAIN);
    expect(text).toContain('removed');
    expect(text).not.toContain('holds it');
  });

  test('of a service that lost its access says so before the next version finds out', () => {
    const lost = { code: 'VAULT_FIREWALL', message: 'The firewall is shut.' };
    const bindings = CERTIFICATE.bindings
      .slice(0, 1)
      .map((one) => ({ ...one, access: { verdict: 'blocks', problems: [lost] } }));
    const text = formatCertificate({ ...DETAIL, status: 'verified', bindings }, PLAIN, NOW);
    expect(text).toContain(
      'In the way of the next version\n  The firewall is shut. (VAULT_FIREWALL)',
    );
    const list = formatList({ certificates: [{ ...CERTIFICATE, bindings }] }, WIDE, NOW);
    expect(list).toContain('1 verified, 1 without access');
  });

  test('of a vault that could not be read says so', () => {
    const blind = { ...DETAIL, versions: [], versionsProblem: { code: 'X', message: 'Closed.' } };
    expect(formatCertificate(blind, PLAIN, NOW)).toMatch(/could not be read, see below/);
    expect(formatCertificate(blind, PLAIN, NOW)).toMatch(/Closed\. \(X\)/);
  });

  test('of the history says who asked', () => {
    const text = formatCertificate(DETAIL, PLAIN, NOW);
    expect(text).toContain('sync, asked for by Ann: blocked');
    expect(text).toContain('contoso-gw blocked (PERMISSION_MISSING); and 3 more');
    expect(text).toContain('sync, by itself');
  });

  test('of an empty list, a bare certificate and an unbound one is a sentence all the same', () => {
    expect(formatList({ certificates: [] }, PLAIN, NOW)).toBe('No certificate matches.');
    const bare = { ...DETAIL, bindings: [], versions: [], history: [] };
    expect(formatCertificate(bare, PLAIN, NOW).match(/ {2}none/g)).toHaveLength(3);
    const unbound = { ...OPERATION, state: 'succeeded', targets: [] };
    expect(formatOperation(unbound, PLAIN)).toContain('bound to no target now');
  });

  test('never steers the terminal, whatever came over the wire', () => {
    const nasty = '\u001b]0;title\u0007\u001b[2J\rgone\u009b31m';
    const texts = [
      formatList({ certificates: [{ ...CERTIFICATE, name: nasty, status: nasty }] }, PLAIN, NOW),
      formatProblem({ message: nasty, code: nasty, cure: nasty }, PLAIN.colors),
      formatOperation({ ...OPERATION, step: nasty, state: nasty, version: nasty }, PLAIN),
    ];
    // eslint-disable-next-line no-control-regex -- control characters are what is looked for
    for (const text of texts) expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    expect(clean('a\nb\tc')).toBe('a\nb\tc');
  });
});

describe('A list on a terminal', () => {
  const listed = (name: string, columns: number): readonly string[] =>
    formatList(
      {
        certificates: [
          { ...CERTIFICATE, name },
          { ...CERTIFICATE, name: 'expired', expiresAt: '2026-11-20T10:00:00.000Z' },
        ],
      },
      { ...PLAIN, columns },
      NOW,
    ).split('\n');

  test.each([80, 100])('of %d columns never breaks a name or a date', (columns) => {
    for (const length of [1, 12, 20, 30, 38, 50, 70, 127]) {
      const name = 'a-long-name/'.padEnd(length, 'of-a-b').slice(0, length);
      const lines = listed(name, columns);
      const line = lines.find((one) => one.startsWith(`contoso-kv/${name} `)) ?? '';
      expect(line).toMatch(/ {2}2027-11-21(?:, in 365 days)? {2}/);
      expect(lines.some((one) => one.includes('2026-11-20, expired'))).toBe(true);
      // One that is wider than there is room for the rest goes beyond.
      if (length <= 20) expect(line.length).toBeLessThanOrEqual(columns);
    }
  });

  test('counts the days only where there is room', () => {
    expect(listed('a', 80).join('\n')).toContain('2027-11-21, in 365 days');
    expect(listed('a'.repeat(40), 80).join('\n')).not.toContain('365 days');
  });
});

describe('A command in a cure', () => {
  test('stays on one line, so that it can be copied', () => {
    const command = `az role assignment create --scope /subscriptions/${'x'.repeat(100)}`;
    const text = formatProblem({ message: 'No role.', cure: command }, PLAIN.colors);
    expect(text.split('\n')).toContainEqual(`    ${command}`);
  });
});

describe('A table', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', '/', '-', ' ', 'é'), maxLength: 60 });

  test('holds every text whole, and no line is longer than there is room', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(word, word, word), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 40, max: 120 }),
        (rows, columns) => {
          const text = formatTable(['A', 'B', 'C'], rows, columns);
          for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
          const letters = (all: string): string =>
            all
              .replace(/[^abé/-]/g, '')
              .split('')
              .sort()
              .join('');
          expect(letters(text)).toBe(letters(rows.flat().join('')));
        },
      ),
    );
  });

  test('breaks nothing where no width is known', () => {
    const long = 'x'.repeat(300);
    expect(formatTable(['A'], [[long]], undefined)).toBe(`A\n${long}`);
  });

  test('never breaks a colour', () => {
    const green = pc.createColors(true).green('verified');
    const text = formatTable(['A', 'B'], [['x'.repeat(70), green]], 40);
    expect(text).toContain(green);
  });
});

test.each([
  ['2026-11-21T10:00:00.000Z', '2026-11-21, within a day'],
  ['2026-11-22T10:00:00.000Z', '2026-11-22, in 1 day'],
  ['2027-11-21T10:00:00.000Z', '2027-11-21, in 365 days'],
  ['2026-11-21T09:59:59.000Z', '2026-11-21, expired'],
  [undefined, '-'],
])('The expiry %s is shown as %s', (time, text) => {
  expect(formatExpiry(time, NOW)).toBe(text);
});
