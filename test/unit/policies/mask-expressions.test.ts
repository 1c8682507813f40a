import fc from 'fast-check';
import { maskExpressions } from '../../../shared/policies/mask-expressions.ts';
import { anyExpression } from '../../support/policies/any-csharp.ts';

describe('Masking', () => {
  test.each<[sentence: string, text: string, masked: string]>([
    ['leaves XML as it is', '<a b="c">d &lt; e</a>', '<a b="c">d &lt; e</a>'],
    ['covers an attribute', '<a b="@("<")"/>', '<a b="xxxxxx"/>'],
    ['covers an attribute in single quotes', `<a b='@("'")'/>`, `<a b='xxxxxx'/>`],
    ['covers a text', '<a> @(b < c) </a>', '<a> xxxxxxxx </a>'],
    ['keeps line ends', '<a>@{\r\nb;\r}\n</a>', '<a>xx\r\nxx\rx\n</a>'],
    ['covers a sign of two halves by two', '<a>@("😀")</a>', '<a>xxxxxxx</a>'],
    ['passes over comments', '<!-- "@(<" --><a/>', '<!-- "@(<" --><a/>'],
    ['passes over CDATA sections', '<a><![CDATA[@("]]></a>', '<a><![CDATA[@("]]></a>'],
    ['passes over processing instructions', `<?a "'?><b c="@(">")"/>`, `<?a "'?><b c="xxxxxx"/>`],
    ['stops at a document type', '<!DOCTYPE a><a b="@("<")"/>', '<!DOCTYPE a><a b="@("<")"/>'],
    ['leaves what is escaped', '<a b="@(&quot;)&quot;)"/>', '<a b="@(&quot;)&quot;)"/>'],
    ['leaves an expression among text', '<a>b @("<") c</a>', '<a>b @("<") c</a>'],
    ['leaves an expression in front of text', '<a>@("<") c</a>', '<a>@("<") c</a>'],
    ['leaves an expression without end', '<a>@("<</a>', '<a>@("<</a>'],
    ['leaves a mark that begins no expression', '<a b="@c">@d</a>', '<a b="@c">@d</a>'],
    ['goes on behind what it left', '<a b="@(" c="@("<")"/>', '<a b="@(" c="xxxxxx"/>'],
    ['takes a tag without end', '<a b="@("<")', '<a b="xxxxxx'],
  ])('%s', (_, text, masked) => {
    expect(maskExpressions(text)).toBe(masked);
  });

  test('keeps the length and the lines of whatever it is given', () => {
    const part = fc.oneof(
      fc.string(),
      anyExpression,
      fc.constantFrom('<a b="', "'", '"/>', '<!--', '-->', '<'),
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const text = parts.join('');
        const masked = maskExpressions(text) ?? '';
        const lines = (of: string): readonly number[] =>
          [...of.matchAll(/[\r\n]/g)].map(({ index }) => index);
        expect(masked).toHaveLength(text.length);
        expect(lines(masked)).toEqual(lines(text));
      }),
    );
  });

  test('covers an expression whatever it holds, in an attribute and in a text', () => {
    fc.assert(
      fc.property(anyExpression, anyExpression, (inAttribute, inText) => {
        const x = (code: string): string => code.replaceAll(/[^\r\n]/g, 'x');
        expect(maskExpressions(`<a b="${inAttribute}" c='d'>${inText}</a>`)).toBe(
          `<a b="${x(inAttribute)}" c='d'>${x(inText)}</a>`,
        );
      }),
      { numRuns: 1000 },
    );
  });
});
