import fc from 'fast-check';
import { anyExpression } from './any-csharp.ts';
import { A, B } from './named-in.ts';

/** An attribute `thumbprint` that is to be rewritten, in its parts. */
export interface ToRewrite {
  /** The equals sign and what is around it, up to the quote. */
  readonly equals: string;
  readonly quote: string;
  readonly written: string;
}

/** A piece of a policy: what stays, or what is to be rewritten. */
export type Piece = string | ToRewrite;

/** The document; what is to be rewritten as an id, when one is given. */
export function render(pieces: readonly Piece[], id?: string): string {
  return pieces
    .map((piece) => {
      if (typeof piece === 'string') return piece;
      const { equals, quote, written } = piece;
      const name = id === undefined ? 'thumbprint' : 'certificate-id';
      return `${name}${equals}${quote}${id ?? written}${quote}`;
    })
    .join('');
}

const gap = fc.constantFrom(' ', '\n', '\r\n', '\t', '  \r\n  ');
const maybeGap = fc.constantFrom('', '', ' ', '\r\n');
const quote = fc.constantFrom('"', "'");
const equals = fc.tuple(maybeGap, maybeGap).map(([before, after]) => `${before}=${after}`);

/** The same thumbprint as people, viewers and editors write it. */
export function writingsOf(thumbprint: string): fc.Arbitrary<string> {
  const pairs = thumbprint.match(/../g) ?? [];
  return fc.constantFrom(
    thumbprint,
    thumbprint.toLowerCase(),
    pairs.join(':'),
    pairs.join(' ').toLowerCase(),
    `\u200e${thumbprint}`,
    `&#x200E;${thumbprint}`,
    ` ${thumbprint}\r\n`,
    `&#${thumbprint.charCodeAt(0)};&#x${thumbprint.charCodeAt(1).toString(16)};${thumbprint.slice(2)}`,
  );
}

/** Text that is XML, and that looks like much that it is not. */
const plain = fc
  .array(
    fc.constantFrom(
      ...[
        'a',
        ' ',
        '\r\n',
        '&lt;',
        '&amp;amp;',
        '&#x41;',
        '{{named}}',
        '>',
        '-',
        '}',
        ')',
        'ü😀',
        '/',
        ';',
      ],
    ),
    { maxLength: 5 },
  )
  .map((parts) => parts.join(''));
const lookalike = fc.constantFrom(
  `<authentication-certificate thumbprint="${A}" />`,
  `thumbprint="${A}"`,
  'it\'s " < & {',
);
const comment = fc
  .oneof(lookalike, fc.constant('it\'s " < & @('))
  .map((text) => `<!-- ${text} -->`);
const cdata = lookalike.map((text) => `<![CDATA[ ${text} ]]>`);
const instruction = lookalike.map((text) => `<?note ${text} ?>`);

const value = fc.oneof(
  quote.chain((sign) => plain.map((text) => `${sign}${text}${sign}`)),
  fc
    .tuple(quote, maybeGap, anyExpression, maybeGap)
    .map(([sign, before, code, after]) => `${sign}${before}${code}${after}${sign}`),
);
const otherAttributes = fc
  .uniqueArray(fc.constantFrom('name', 'mode', 'x:thumbprint', 'condition', 'password'), {
    maxLength: 3,
  })
  .chain((names) =>
    fc.tuple(
      ...names.map((name) =>
        fc.tuple(gap, equals, value).map(([g, e, v]) => `${g}${name}${e}${v}`),
      ),
    ),
  );

const toRewrite: fc.Arbitrary<readonly Piece[]> = fc
  .tuple(gap, equals, quote, writingsOf(A))
  .map(([before, sign, closing, written]) => [before, { equals: sign, quote: closing, written }]);
/** Attributes of `authentication-certificate` that stay as they are. */
const toKeep = fc.oneof(
  fc.constantFrom('', ' certificate-id="x"', ` thumbprint='{{thumb}}'`, ` thumbprint='@("${A}")'`),
  fc.constantFrom(` thumbprint="${A}" certificate-id='x'`, ` certificate-id="" thumbprint="${A}"`),
  fc.constantFrom(` body="@(x)" thumbprint="${A}"`, ` thumbprint='${A}' body=''`),
  writingsOf(B).map((written) => ` thumbprint="${written}"`),
);

const ending = fc.tuple(maybeGap, fc.constantFrom('/>', '></authentication-certificate >'));
const authentication: fc.Arbitrary<readonly Piece[]> = fc
  .tuple(
    fc.oneof(
      { weight: 3, arbitrary: toRewrite },
      { weight: 2, arbitrary: toKeep.map((text): readonly Piece[] => [text]) },
    ),
    otherAttributes,
    ending,
    fc.boolean(),
  )
  .map(([own, others, end, first]) => [
    '<authentication-certificate',
    ...(first ? [...own, ...others] : [...others, ...own]),
    end.join(''),
  ]);

/** What may stand between two tags: at most one expression, and no text with it. */
const texts = fc.oneof(
  fc.array(fc.oneof(plain, comment, cdata, instruction), { maxLength: 3 }),
  fc.tuple(
    fc.constantFrom('', '<!-- " -->'),
    maybeGap,
    anyExpression,
    maybeGap,
    fc.constantFrom('', '<!-- ( -->'),
  ),
);

const { content } = fc.letrec<{ content: readonly Piece[]; element: readonly Piece[] }>((tie) => ({
  content: fc
    .array(
      fc.oneof(
        { depthSize: 'small' },
        authentication,
        texts.map((parts): readonly Piece[] => ['<value>', ...parts, '</value>']),
        fc.oneof(comment, gap).map((text): readonly Piece[] => [text]),
        tie('element'),
      ),
      { maxLength: 5 },
    )
    .map((parts) => parts.flat()),
  element: fc
    .tuple(
      fc.constantFrom('choose', 'when', 'retry', 'send-request', 'wait'),
      otherAttributes,
      tie('content'),
    )
    .map(([name, attributes, inner]) => [`<${name}`, ...attributes, '>', ...inner, `</${name}\n>`]),
}));

/** A policy, and which of its attributes hold the thumbprint {@link A} where an id can stand. */
export const anyPolicy: fc.Arbitrary<readonly Piece[]> = fc
  .tuple(
    fc.constantFrom('', '\ufeff', '<?xml version="1.0"?>\r\n', '<!-- a -->\n'),
    fc.constantFrom('policies', 'fragment'),
    content,
    fc.constantFrom('', '\n', '\r\n<!-- b -->'),
  )
  .map(([before, root, inner, after]) => [before, `<${root}>`, ...inner, `</${root}>`, after]);
