import fc from 'fast-check';
import { escapeMarkdown, toCodeSpan } from '../../../shared/report/markdown.ts';
import { toMarkdown } from '../../../shared/report/report-markdown.ts';
import { HOSTILE_TEXTS } from '../../support/audit/hostile-texts.ts';
import { inDays, makeFacts, sha256 } from '../../support/audit/make-facts.ts';
import { composeReport } from '../../../shared/domain/audit/compose-report.ts';
import { makeReport } from '../../support/audit/make-report.ts';
import { nodesOf, parseMarkdown, textOf } from '../../support/audit/parse-markdown.ts';

function write(report: Parameters<typeof toMarkdown>[0]): string {
  return [...toMarkdown(report)].join('');
}

describe('A text in Markdown', () => {
  const texts = [
    ...HOSTILE_TEXTS,
    ...fc.sample(
      fc.string({
        unit: fc.constantFrom(...Array.from('<>&[]()*_`~|#!\\-+.:/@"\'=1ahtps \n')),
        maxLength: 30,
      }),
      { numRuns: 400, seed: 8 },
    ),
    'see https://evil.example, www.evil.example and me@evil.example',
    '1. item',
    '<https://evil.example>',
    '&lt;script&gt;',
  ];

  test('is nothing but that text, after whatever it stands', () => {
    const whole = ['', '- ', '| a |\n| --- |\n| ', '## '].flatMap((before) =>
      texts.map((text) => `${before}${escapeMarkdown(text)}x`),
    );
    const plain = ['root', 'paragraph', 'sentence', 'word', 'whitespace', 'text'];
    const around = ['list', 'listItem', 'heading', 'table', 'tableRow', 'tableCell'];
    for (const [at, document] of parseMarkdown(whole).entries()) {
      const types = nodesOf(document).map(({ type }) => type);
      const others = types.filter((type) => ![...plain, ...around].includes(type));
      expect([whole[at], others]).toEqual([whole[at], []]);
      // At the beginning of a document it makes no list or heading of its own.
      if (at < texts.length) expect(types.filter((type) => around.includes(type))).toEqual([]);
    }
  });

  test('is read as what it was, on one line', () => {
    const documents = parseMarkdown(texts.map((text) => `x${escapeMarkdown(text)}x`));
    const read = documents.map((one) => textOf(one).replaceAll(/\s+/g, ' '));
    // In place of a zero, which CommonMark allows nowhere.
    const lines = texts.map((text) => `x${text}x`.replaceAll('\0', '\u{FFFD}'));
    expect(read).toEqual(lines.map((text) => text.replaceAll(/\s+/g, ' ')));
  });
});

describe('Code in Markdown', () => {
  test('is read as what it was, and is nothing but code', () => {
    const texts = [
      ...HOSTILE_TEXTS.filter((text) => text.trim() !== ''),
      'az rest --body \'{"a": "@b"}\' --url https://a.test',
      '`',
      '``a`',
      'a``` b `',
      '\\',
    ];
    const code = texts.map((text) => `- ${escapeMarkdown('a`')} ${toCodeSpan(text)}<br>x`);
    for (const [at, document] of parseMarkdown(code).entries()) {
      const spans = nodesOf(document).filter(({ type }) => type === 'inlineCode');
      const shown = texts[at]?.replaceAll(/\s+/g, ' ').replaceAll('\0', '\u{FFFD}').trim();
      expect(spans.map(({ value }) => value)).toEqual([shown]);
    }
  });
});

describe('The summary of a report', () => {
  test('says what is wrong, what cures it and what comes next', () => {
    const text = write(makeReport());
    expect(text).toMatch(/^# Certificates: act now\n\n\*\*/);
    for (const heading of [
      '## The next dates',
      '## Renew the certificate',
      '### The certificate has expired (1)',
      '## Let the service read the vault',
      '## Since the report of 2026-11-27',
      '## What could not be read',
      '## Acknowledged',
    ]) {
      expect(text).toContain(`\n${heading}\n`);
    }
    expect(text).toContain('\n| critical | 3 |\n');
  });

  test('has its commands as they are, to be copied', () => {
    const report = makeReport();
    const [finding] = report.findings;
    const command = 'az keyvault certificate create --policy @policy.json --tags \'{"a": 1}\'';
    const findings = finding && [{ ...finding, cure: `Renew it_: ${command}. Or wait.` }];
    expect(write({ ...report, findings: findings ?? [] })).toContain(
      `<br>Renew it\\_: \`${command}\`. Or wait.\n`,
    );
  });

  test('is short for a fleet that is in order', () => {
    const report = composeReport(makeFacts(), sha256);
    expect(write(report)).toBe(
      [
        '# Certificates: healthy',
        '',
        '**All 3 certificates are in order.**',
        '',
        'Audit 20261128T020000Z-000001 of 2026-11-28: 3 certificates in 1 vault and 1 service.',
        '',
        '| severity | findings |',
        '| --- | ---: |',
        '| critical | 0 |',
        '| high | 0 |',
        '| medium | 0 |',
        '| low | 0 |',
        '',
        '## The next dates',
        '',
        '- 2027-11-28: contoso-kv/gateway-client expires',
        '- 2035-02-14: contoso-gw/ca/Root/' + 'C'.repeat(40) + ' expires',
        '',
      ].join('\n'),
    );
    expect(inDays(365).slice(0, 10)).toBe('2027-11-28');
  });

  test('tells no more than some findings of a code, and how many more there are', () => {
    const report = makeReport();
    const [finding] = report.findings;
    const findings = Array.from({ length: 40 }, () => finding).filter((one) => one !== undefined);
    const text = write({ ...report, findings });
    expect(text.split(finding?.message ?? '').length).toBeLessThan(10);
    expect(text).toContain('- and 35 more\n');
  });

  test('holds no markup that came from outside', () => {
    const [document] = parseMarkdown([write(makeReport({ hostile: true, certificates: 60 }))]);
    const nodes = document === undefined ? [] : nodesOf(document);
    const types = new Set(nodes.map(({ type }) => type));
    for (const type of [
      'link',
      'image',
      'inlineCode',
      'code',
      'emphasis',
      'delete',
      'inlineMath',
    ]) {
      expect([...types]).not.toContain(type);
    }
    const html = nodes.flatMap(({ type, value }) => (type === 'html' ? [value] : []));
    expect(new Set(html)).toEqual(new Set(['<br>']));
  });
});
