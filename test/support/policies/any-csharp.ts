import fc from 'fast-check';

/** Signs that end a string, an expression, an attribute or a tag where they do not belong to a text. */
const NASTY = ['"', "'", '<', '>', '&', '(', ')', '{', '}', '[', ']', '@', '$', ' ', '/', 'a', 'ü'];
const nasty = (without: readonly string[]): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom(...NASTY.filter((sign) => !without.includes(sign))), { maxLength: 6 })
    .map((signs) => signs.join(''));

const regular = nasty(['"']).map((text) => `"${text}"`);
const escaped = nasty(['"', '"'])
  .map((text) => text.replaceAll('a', '\\"').replaceAll('ü', '\\\\'))
  .map((text) => `"${text}"`);
const verbatim = nasty([]).map((text) => `@"${text.replaceAll('"', '""')}\\"`);
const raw = nasty(['"']).map((text) => `"""a"b""${text} """`);
const character = fc.constantFrom("'\"'", "'\\''", "'{'", "')'", "'<'", "'\\u0022'", "'\\\\'");
const comment = fc.oneof(
  nasty([]).map((text) => `/* ${text.replaceAll('*/', '')} " ' ( */`),
  nasty([]).map((text) => `// ${text} it's " (\n`),
);
const word = fc.constantFrom('context', 'x', '12.5m', '@class', 'global::System', 'ä', 'return');

export const { code: anyCSharp } = fc.letrec<{ code: string; part: string }>((tie) => {
  const hole = (opening: string): fc.Arbitrary<string> =>
    fc
      .tuple(
        fc.constantFrom('', '{{', '}}', 'text <&> '),
        tie('part'),
        fc.constantFrom('', ':x2', ":HH'h'"),
      )
      .filter(([, code]) => !/[\r\n]/.test(code))
      .map(([before, code, format]) => `${opening}${before}{(${code})${format}} after"`);
  return {
    part: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      word,
      regular,
      escaped,
      verbatim,
      raw,
      character,
      comment,
      hole('$"'),
      hole('$@"'),
      hole('@$"'),
      tie('code').map((code) => `(${code})`),
      tie('code').map((code) => `[${code}]`),
      tie('code').map((code) => `{ ${code}; }`),
      fc.tuple(tie('part'), tie('part')).map(([a, b]) => `${a} < ${b} && ${b} > ${a}`),
    ),
    code: fc.array(tie('part'), { maxLength: 3 }).map((parts) => parts.join(' + ')),
  };
});

/** A policy expression as API Management takes it. */
export const anyExpression: fc.Arbitrary<string> = fc.oneof(
  anyCSharp.map((code) => `@(${code})`),
  anyCSharp.map((code) => `@{\n  ${code};\r\n  return null;\n}`),
);
