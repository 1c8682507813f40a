import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { findExpressions } from '../../../../local/azure/api-management/policy-expressions.ts';
import {
  convertPolicy,
  maskExpressions,
} from '../../../../local/azure/api-management/policy-format.ts';

const toXml = (raw: string): string => convertPolicy(raw, 'rawxml', 'xml');
const toRaw = (xml: string): string => convertPolicy(xml, 'xml', 'rawxml');
const expressionsIn = (raw: string): string[] =>
  findExpressions(raw).map(({ start, end }) => raw.slice(start, end));

describe('expressions of a policy', () => {
  it.each([
    ['in an attribute', '<a b="@(x)"/>', ['@(x)']],
    ['with quotes and brackets in an attribute', '<a b="@(x["y"] < 2)"/>', ['@(x["y"] < 2)']],
    ['in single quotes', `<a b='@("it" + 'c')'/>`, [`@("it" + 'c')`]],
    ['behind white space', '<a b=" @(x) "/>', ['@(x)']],
    ['in text', '<a>@{ return "}"; }</a>', ['@{ return "}"; }']],
    ['in the middle of a text', '<a>"@(h => h == "Via")" </a>', ['@(h => h == "Via")']],
    ['with a closing bracket in a string', '<a b="@(x == ")")"/>', ['@(x == ")")']],
    ['with one in a character', `<a b="@(x == ')')"/>`, [`@(x == ')')`]],
    ['with an escaped quote', String.raw`<a b="@("\")")"/>`, [String.raw`@("\")")`]],
    ['with a verbatim string', '<a b="@(@"\\" + x)"/>', ['@(@"\\" + x)']],
    ['with a doubled quote', '<a b="@(@"a"")" + x)"/>', ['@(@"a"")" + x)']],
    ['with an interpolated string', '<a b="@($"https://{x}/)")"/>', ['@($"https://{x}/)")']],
    ['with comments', '<a>@{ // )}\n return 1; /* } */ }</a>', ['@{ // )}\n return 1; /* } */ }']],
    ['escaped already', '<a b="@(x == &quot;)&quot;)"/>', ['@(x == &quot;)&quot;)']],
    ['next to each other', '<a b="@(1)" c="@(2)">@(3)</a>', ['@(1)', '@(2)', '@(3)']],
    ['not in a comment', '<a><!-- @(x) --></a>', []],
    ['not in CDATA', '<a><![CDATA[@(x)]]></a>', []],
    ['not when it never closes', '<a b="@(x"/>', []],
    ['not where an attribute only holds one', '<a b="user@(x)"/>', []],
    ['not for a named value', '<a b="{{name}}"/>', []],
  ])('are found %s', (_, raw, expected) => {
    expect(expressionsIn(raw)).toEqual(expected);
  });
});

describe('the formats of a policy', () => {
  it.each([
    ['<a b="@(x == "1" && y < 2)"/>', '<a b="@(x == &quot;1&quot; &amp;&amp; y &lt; 2)"/>'],
    [`<a b='@('c' > 'd')'/>`, "<a b='@(&apos;c&apos; &gt; &apos;d&apos;)'/>"],
    ['<a>@(h => h == "Via") more</a>', '<a>@(h =&gt; h == "Via") more</a>'],
    ['<a>@(1 < 2)@(3 > 2)</a>', '<a>@(1 &lt; 2)@(3 &gt; 2)</a>'],
    ['\uFEFF<a>\r\n\t@{ return 1 < 2; }\r\n</a>', '\uFEFF<a>\r\n\t@{ return 1 &lt; 2; }\r\n</a>'],
    ['<a b="1 &lt; 2">&amp;</a>', '<a b="1 &lt; 2">&amp;</a>'],
    ['<a><!-- @(1 < 2) --></a>', '<a><!-- @(1 < 2) --></a>'],
  ])('say the same: %j and %j', (raw, xml) => {
    expect(toXml(raw)).toBe(xml);
    expect(toRaw(xml)).toBe(raw);
  });

  it('leave what was escaped already', () => {
    const escaped = '<a b="@(x == &quot;1&quot;)"/>';
    expect(toXml(escaped)).toBe(escaped);
  });

  it('leave an expression that never closes', () => {
    expect(toRaw('<a b="@(x &lt; ("/>')).toBe('<a b="@(x &lt; ("/>');
  });

  const atom = fc.constantFrom(
    'context.Request',
    ' < ',
    ' > ',
    ' && ',
    ' => ',
    '"a < b)"',
    '@"c:\\"',
    "')'",
    '["x"]',
    '/* ) */',
    '\n',
  );
  const { code } = fc.letrec<{ code: string }>((tie) => ({
    code: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.array(atom, { maxLength: 4 }).map((parts) => parts.join(' ')),
      tie('code').map((inner) => `(${inner})`),
    ),
  }));
  const expression = fc.oneof(
    code.map((text) => `@(${text})`),
    code.map((text) => `@{${text}}`),
  );
  const element = fc
    .record({ attribute: expression, text: expression })
    .map(({ attribute, text }) => ({
      attribute,
      text,
      raw: `<set-header name="${attribute}" exists-action="skip">\r\n  ${text}</set-header>`,
    }));

  it('come back as they went, and are XML with the expressions in it', () => {
    fc.assert(
      fc.property(fc.array(element, { maxLength: 4 }), (elements) => {
        const raw = `<policies>${elements.map((one) => one.raw).join('')}</policies>`;
        const xml = toXml(raw);
        expect(toRaw(xml)).toBe(raw);
        const attributes: string[] = [];
        const texts: string[] = [];
        const parser = new SaxesParser({ xmlns: false });
        parser.on('opentag', (tag) => {
          const name = tag.attributes['name'];
          if (name !== undefined) attributes.push(name);
        });
        parser.on('text', (text) => texts.push(text));
        parser.write(xml).close();
        // XML turns line ends in attributes into spaces.
        expect(attributes).toEqual(elements.map((one) => one.attribute.replaceAll('\n', ' ')));
        for (const { text } of elements) expect(texts.join('')).toContain(text);
      }),
    );
  });

  it('have a mask that keeps every position', () => {
    fc.assert(
      fc.property(fc.array(element, { maxLength: 4 }), (elements) => {
        const raw = `<policies>${elements.map((one) => one.raw).join('')}</policies>`;
        const masked = maskExpressions(raw);
        expect(masked).toHaveLength(raw.length);
        expect(masked.split('\n').map(({ length }) => length)).toEqual(
          raw.split('\n').map(({ length }) => length),
        );
        new SaxesParser({ xmlns: false }).write(masked).close();
      }),
    );
  });
});
