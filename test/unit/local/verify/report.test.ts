/** What is sent on: nobody's names, and nothing that acts. */
import type { Outcome, Report } from '../../../../local/verify/outcome.ts';
import { makeRedactor } from '../../../../local/verify/redact.ts';
import { toJson, toMarkdown } from '../../../../local/verify/report.ts';
import { makeFolder } from '../../../../local/verify/trace.ts';

const outcome: Outcome = {
  id: 'refresh-answer',
  area: 'client certificates',
  title: 'what refreshSecret answers',
  source: 'https://learn.microsoft.com/x_(y)',
  setting: 'assumptions.refreshAnswer',
  assumed: 'fresh',
  verdict: 'different',
  answer: 'previous',
  asked: ['POST {service}/certificates/ckverify-{run}-a/refreshSecret: 200'],
  seconds: 3,
};
const report: Report = {
  against: 'azure',
  startedAt: '2026-11-28T07:00:00.000Z',
  tier: 'Developer',
  location: 'West Europe',
  outcomes: [outcome],
  left: [],
};

describe('a redacted text', () => {
  const redact = makeRedactor(
    new Map([
      ['contoso-gw', '{service}'],
      ['/service/contoso-gw', '{service}'],
      ['rg+(x)', '{group}'],
    ]),
  );

  test.each([
    ['names, the longest first', 'at /service/Contoso-GW in rg+(x)', 'at {service} in {group}'],
    ['ids', 'subscription 5eed0000-0000-4000-8000-000000000001', 'subscription {id}'],
    ['who asked', "The client 'ada.l@contoso.com' may not", "The client '{account}' may not"],
    ['from where', 'Client address: 203.0.113.7', 'Client address: {address}'],
    ['control characters', 'a\u001b[31m\r\nb\u202e', 'a [31m b'],
  ])('has no %s', (_what, text, shown) => {
    expect(redact(text)).toBe(shown);
  });

  test('is short', () => expect(redact('x'.repeat(5_000)).length).toBeLessThan(310));
});

test('the same request many times is one line, and a long story is cut', () => {
  const fold = makeFolder((text) => text);
  expect(fold(['a', 'a', 'a', 'b'])).toEqual(['a (3 times)', 'b']);
  const many = fold(Array.from({ length: 60 }, (_, index) => `line ${index}`));
  expect(many).toHaveLength(41);
  expect(many.at(-1)).toBe('… and 20 more');
});

test('a report says what was asked, answered and assumed', () => {
  const text = toMarkdown(report);
  expect(text).toContain('0 the same, 1 different, 0 not asked.');
  expect(text).toContain('Asked from Azure on 2026-11-28: Developer tier, West Europe.');
  expect(text).toContain(
    '| [what refreshSecret answers](<https://learn.microsoft.com/x_(y)>) | previous | fresh | **different** |',
  );
  expect(text).toContain('    POST {service}/certificates/ckverify-{run}-a/refreshSecret: 200');
  expect(JSON.parse(toJson(report))).toEqual(report);
});

test('a report about the simulated Azure cannot be taken for one about Azure', () => {
  expect(toMarkdown({ ...report, against: 'local' })).toContain('**Azure itself was not asked.**');
});

test('Azure’s words are nothing but words in a report', () => {
  const hostile = '<img src=x> | [a](https://evil.example) `b` *c*\n# d';
  const text = toMarkdown({
    ...report,
    left: [hostile],
    outcomes: [{ ...outcome, verdict: 'not asked', answer: hostile, why: hostile }],
  });
  expect(text).not.toMatch(/^# d/m);
  expect(text).not.toContain('<img');
  expect(text).not.toContain('](https://evil');
  const row = text.split('\n').find((line) => line.startsWith('| [what'));
  expect(row?.match(/(?<!\\)\|/g)).toHaveLength(5);
});
