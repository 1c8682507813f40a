import { rewriteThumbprints } from '../../../shared/policies/rewrite-policy.ts';
import { scanPolicy } from '../../../shared/policies/scan-policy.ts';
import { A } from '../../support/policies/named-in.ts';

/** 256 KiB: more than any policy that people write. */
const LENGTH = 2 ** 18;
const filled = (part: string): string => part.repeat(Math.ceil(LENGTH / part.length));
const nested = (part: string): string => {
  const name = /\w+/.exec(part)?.[0] ?? '';
  const depth = Math.ceil(LENGTH / (part.length + name.length + 3));
  return part.repeat(depth) + `</${name}>`.repeat(depth);
};

// Whatever took time that grows with the square of the length would take hours with these.
describe('A policy that is as long as it can be', () => {
  test.each<[sentence: string, text: string, readable: boolean]>([
    ['has many elements', `<a>${filled(`<b certificate-id="c"/>`)}</a>`, true],
    ['is nested deeply', nested('<a>'), true],
    ['is nested deeply and names something everywhere', nested('<a certificate-id="b">'), true],
    ['is nested deeply and holds named values everywhere', nested('<when>{{a}}'), true],
    ['is never closed', filled('<a>'), false],
    ['has one long text', `<a>${filled('b ')}</a>`, true],
    ['has one long attribute', `<a b="${filled('c ')}"/>`, true],
    [
      'has many attributes',
      `<a ${Array.from({ length: 22_500 }, (_, n) => `a${n}="b"`).join(' ')}/>`,
      true,
    ],
    ['has many comments', `<a>${filled('b<!-- c -->')}</a>`, true],
    ['has a comment that is open', `<a><!--${filled('-')}`, false],
    ['has many beginnings of comments', `<a>${filled('<!--')}`, false],
    ['has many beginnings of CDATA sections', `<a>${filled('<![CDATA[')}`, false],
    ['has many CDATA sections', `<a>${filled('<![CDATA[ @( ]]>')}</a>`, true],
    ['has many entities', `<a b="${filled('&amp;')}">${filled('&#65;')}</a>`, true],
    ['has many expressions', `<a>${filled(`<b c="@("<" + '"')">@(d["e"] < 1)</b>`)}</a>`, true],
    [
      'has many expressions that are escaped',
      `<a>${filled('<b c="@(&quot;)&quot;)"/>')}</a>`,
      true,
    ],
    ['has one long expression', `<a>@(${filled('b["c"] + ')}d)</a>`, true],
    [
      'has an expression of many brackets',
      `<a>@(${'('.repeat(LENGTH)}${')'.repeat(LENGTH)})</a>`,
      true,
    ],
    [
      'has an expression of many strings in strings',
      `<a>@(${filled('$"{')}b${filled('}"')})</a>`,
      true,
    ],
    ['has many expressions that are open', `<a>${filled('<b c="@(">@{</b>')}</a>`, false],
    ['has many expressions that are open in a text', `<a>${filled('@(')}</a>`, true],
    ['has many expressions with a string that is open', `<a>${filled("<b c='@(\"'/>")}</a>`, true],
    ['has many expressions in front of text', `<a>${filled('<b>@(c) d</b>')}</a>`, true],
    [
      'has an expression that names the store often',
      `<a>@(${filled('context.Deployment.Certificates + ')}1)</a>`,
      true,
    ],
    ['has many named values', `<when>${filled('{{a}} ')}</when>`, true],
    ['has many beginnings of named values', `<when>${filled('{{')}</when>`, true],
    ['has many digits', `<a b="${filled('A')}">${filled('AB ')}</a>`, true],
    ['has a long thumbprint', `<authentication-certificate thumbprint="${filled(A)}"/>`, true],
    [
      'has many blanks',
      `<a ${filled(' ')} b ${filled('\n')} = ${filled('\t')} "@(c)${filled(' ')}"/>`,
      true,
    ],
    ['has many quotes', `<a>@(@"${filled('"')}`, false],
    [
      'has many carriage returns',
      `<a certificate-id="b">${filled('\r')}@(context.Deployment.Certificates)</a>`,
      true,
    ],
    ['has one long name', `<${filled('a')}/>`, true],
  ])('is read when it %s', (_, text, readable) => {
    expect(scanPolicy(text).unreadable === undefined).toBe(readable);
    expect(rewriteThumbprints(text, A, 'a').text).toHaveLength(text.length);
  });

  test('is told to be unreadable rather than read for too long', () => {
    expect(scanPolicy(`<a>${filled('<b c="@(">@{</b>')}</a>`).unreadable).toBe(
      'Too many of its expressions have no end.',
    );
  });

  test('is rewritten in as many places as there are', () => {
    const one = `<authentication-certificate thumbprint="${A}"/>`;
    const { text, changed } = rewriteThumbprints(`<fragment>${filled(one)}</fragment>`, A, 'a');
    expect(changed).toBe(Math.ceil(LENGTH / one.length));
    expect(text).not.toContain(A);
  });
});
