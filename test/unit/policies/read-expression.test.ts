import fc from 'fast-check';
import {
  isExpression,
  readExpression,
  type Token,
} from '../../../shared/policies/read-expression.ts';
import { anyExpression } from '../../support/policies/any-csharp.ts';

/** The literals of an expression that is followed by something else. */
function literalsOf(code: string): readonly string[] {
  const found = readExpression(`${code}")' rest`, 0);
  if (!isExpression(found)) throw new Error('it has no end');
  expect(found.end).toBe(code.length);
  return found.tokens.flatMap((token: Token) => (token.kind === 'string' ? [token.text] : []));
}

describe('Where a policy expression ends', () => {
  test.each<[sentence: string, code: string, literals: readonly string[]]>([
    ['is its closing bracket', '@(1 + 1)', []],
    ['is the bracket that closes the first one', '@(f(g[h(1)], new { a = 1 }))', []],
    ['is a brace where it begins with one', '@{ if (a) { return 1; } return 2; }', []],
    ['is no bracket in a string', '@(")" + "(")', [')', '(']],
    ['is no bracket behind a quote that a backslash escapes', '@("\\")" + "\\\\")', ['")', '\\']],
    ['is no bracket in a verbatim string', '@(@"a\\" + @"say "")""")', ['a\\', 'say ")"']],
    ['is none in a verbatim string of two lines', '@(@"a\r\n)")', ['a\r\n)']],
    ['is none in an empty verbatim string and what follows it', '@(@"" + ")")', ['', ')']],
    ['is no brace in a character', "@{ return '}' + '\"' + '\\'' + '\\u007d'; }", []],
    ['is none in a comment up to the line end', '@{ // it\'s a "}"\n return "x"; }', ['x']],
    ['is none in a comment', '@( /* ) it\'s " */ 1)', []],
    ['is none in the text of an interpolated string', '@($"a) {x} (b")', ['a) ', ' (b']],
    [
      'is found behind strings within holes',
      '@($"{d["a)"]} {(x ? "}" : "{")}")',
      ['', 'a)', ' ', '}', '{', ''],
    ],
    ['is found behind doubled braces', '@($"{{ {x} }}")', ['{{ ', ' }}']],
    ['is found behind three braces', '@($"{{{x}}}")', ['{{', '}}']],
    [
      'is found behind a format with a quote sign',
      "@($\"{when:yyyy-MM-dd'T'HH 'o''clock'}\")",
      ['', ''],
    ],
    [
      'is found behind a name with two colons in a hole',
      '@($"{global::A.B["}"]:x}")',
      ['', '}', ''],
    ],
    ['is found behind a verbatim interpolated string', '@($@"a""{x["k"]}\\")', ['a"', 'k', '\\']],
    ['is found however its signs are ordered', '@(@$"a""{x}\\")', ['a"', '\\']],
    ['is found behind a raw string', '@("""a " "" ) b""")', ['a " "" ) b']],
    ['is found behind a raw string with holes', '@($$"""{ {{x["k"]}} }""")', ['{ ', 'k', ' }']],
    ['is found behind a name that is a keyword', '@(@class.@if)', []],
    [
      'is found behind types in angles',
      '@(context.Variables.GetValueOrDefault<byte[]>("a>"))',
      ['a>'],
    ],
    ['is found behind an expression within it', '@(x + "@(" + y)', ['@(']],
    ['is found behind a named value', '@("{{a.b}}" == {{c}})', ['{{a.b}}']],
    [
      'is found behind escapes of every kind',
      '@("\\x41\\u0042\\U00000043\\t\\0\\q")',
      ['ABC\t\0q'],
    ],
  ])('%s', (_, code, literals) => {
    expect(literalsOf(code)).toEqual(literals);
  });

  test.each<[sentence: string, text: string]>([
    ['no bracket closes it', '@(a'],
    ['another bracket closes it', '@(a]'],
    ['brackets cross', '@(a[b)]'],
    ['a string is open', '@("a)'],
    ['a string is open at the line end', '@("a\n")'],
    ['a verbatim string is open', '@(@"a"")'],
    ['a raw string is open', '@("""a"")'],
    ['a character is more than one', "@('ab')"],
    ['a comment is open', '@(a /* )'],
    ['the last line is a comment', '@(a // )'],
    ['a hole is open', '@($"{a")'],
    ['a format is open', '@($"{a:x")'],
    ['nothing follows', '@('],
  ])('is nowhere when %s', (_, text) => {
    expect(isExpression(readExpression(text, 0))).toBe(false);
  });

  test('is found for whatever C# it holds', () => {
    fc.assert(
      fc.property(anyExpression, fc.string(), (code, rest) => {
        expect(readExpression(code + rest, 0)).toMatchObject({ end: code.length });
      }),
      { numRuns: 2000 },
    );
  });

  test('is found without recursion', () => {
    const deep = 200_000;
    const code = `@(${'('.repeat(deep)}${')'.repeat(deep)})`;
    expect(readExpression(code, 0)).toMatchObject({ end: code.length });
    const strings = `@(${'$"{'.repeat(deep)}x${'}"'.repeat(deep)})`;
    expect(readExpression(strings, 0)).toMatchObject({ end: strings.length });
  });

  test.each([
    ['dollars', '$'],
    ['at signs', '@'],
    ['quotes in a verbatim string', '"', '@"'],
    ['quotes', '"'],
    ['braces in an interpolated string', '{', '$"'],
    ['backslashes', '\\', '"'],
    ['slashes', '/ '],
    ['letters', 'a'],
    ['question marks behind the store', '?', 'context.Deployment.Certificates'],
  ])('is looked for in a long row of %s', (_, sign, before = '') => {
    const found = readExpression(`@(${before}${sign.repeat(400_000)}`, 0);
    expect(isExpression(found)).toBe(false);
  });
});

describe('Reading an expression', () => {
  test('tells names, signs and texts with their places', () => {
    const code = 'value="@(a . b["c\\n"] == $"d{e}f")"';
    const found = readExpression(code, 7);
    if (!isExpression(found)) throw new Error('it has no end');
    expect(found.tokens).toEqual([
      { kind: 'word', text: 'a', at: 9 },
      { kind: 'sign', text: '.', at: 11 },
      { kind: 'word', text: 'b', at: 13 },
      { kind: 'sign', text: '[', at: 14 },
      { kind: 'string', text: 'c\n', at: 16 },
      { kind: 'sign', text: ']', at: 20 },
      { kind: 'sign', text: '=', at: 22 },
      { kind: 'sign', text: '=', at: 23 },
      { kind: 'string', text: 'd', at: 27 },
      { kind: 'word', text: 'e', at: 29 },
      { kind: 'string', text: 'f', at: 31 },
    ]);
  });
});
