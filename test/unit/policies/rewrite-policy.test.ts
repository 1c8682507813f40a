import fc from 'fast-check';
import { rewriteThumbprints } from '../../../shared/policies/rewrite-policy.ts';
import { scanPolicy } from '../../../shared/policies/scan-policy.ts';
import { anyPolicy, render, writingsOf, type Piece } from '../../support/policies/any-policy.ts';
import { A, B, inbound, namedIn } from '../../support/policies/named-in.ts';

const runs = { numRuns: 500 };

describe('Rewriting a thumbprint', () => {
  test.each<[sentence: string, before: string, after: string]>([
    ['puts the id in its place', `thumbprint="${A}"`, 'certificate-id="my-cert"'],
    ['keeps the quotes', `thumbprint='${A}'`, `certificate-id='my-cert'`],
    [
      'keeps the blanks',
      `\r\n\tthumbprint \r\n=\t "${A}"\r\n`,
      '\r\n\tcertificate-id \r\n=\t "my-cert"\r\n',
    ],
    ['finds it in small letters', `thumbprint="${A.toLowerCase()}"`, 'certificate-id="my-cert"'],
    ['finds it with blanks and a mark', `thumbprint="\u200e ${A} "`, 'certificate-id="my-cert"'],
    ['finds it with entities', `thumbprint="&#67;A${A.slice(2)}"`, 'certificate-id="my-cert"'],
    [
      'keeps what stands beside it',
      `x='@("thumbprint=" + '"')' thumbprint="${A}" password="&amp;&#65;"`,
      `x='@("thumbprint=" + '"')' certificate-id="my-cert" password="&amp;&#65;"`,
    ],
    ['keeps another thumbprint', `thumbprint="${B}"`, `thumbprint="${B}"`],
    ['keeps an expression', `thumbprint="@("${A}")"`, `thumbprint="@("${A}")"`],
    ['keeps a named value', 'thumbprint="{{thumb}}"', 'thumbprint="{{thumb}}"'],
    [
      'keeps one beside an id, since nobody knows which of them counts',
      `thumbprint="${A}" certificate-id="x"`,
      `thumbprint="${A}" certificate-id="x"`,
    ],
    [
      'keeps one beside a body, since nobody knows either',
      `body="@(x)" password="p" thumbprint="${A}"`,
      `body="@(x)" password="p" thumbprint="${A}"`,
    ],
    ['keeps one of another namespace', `p:thumbprint="${A}"`, `p:thumbprint="${A}"`],
    ['keeps one that is written otherwise', `Thumbprint="${A}"`, `Thumbprint="${A}"`],
  ])('%s', (_, before, after) => {
    const around = (attributes: string): string =>
      `\ufeff<policies>\r\n<inbound><!-- ${attributes.replaceAll('--', '')} --><set-header name="@("<")">
        <value><![CDATA[<authentication-certificate ${attributes.replaceAll('@(', '')} />]]></value></set-header>
        <authentication-certificate ${attributes} /></inbound>\r\n<outbound/></policies>\r\n`;
    const text = around(before);
    const at = text.lastIndexOf(before);
    const expected = text.slice(0, at) + after + text.slice(at + before.length);
    expect(rewriteThumbprints(text, A, 'my-cert')).toEqual({
      text: expected,
      changed: before === after ? 0 : 1,
    });
  });

  test('leaves elements alone that only look like it', () => {
    const text = inbound(
      `<identity thumbprint="${A}"/><p:authentication-certificate thumbprint="${A}"/>
       <authentication-certificates thumbprint="${A}"/><set-body><authentication-certificate thumbprint="${A}"/></set-body>`,
    );
    expect(rewriteThumbprints(text, A, 'my-cert')).toEqual({ text, changed: 0 });
  });

  const one = `<authentication-certificate thumbprint="${A}"/>`;

  test.each<[sentence: string, text: string]>([
    ['is transformed', `<xsl-transform><xsl:template>${one}</xsl:template></xsl-transform>`],
    [
      'goes to a bus',
      `<send-service-bus-message><payload>${one}</payload></send-service-bus-message>`,
    ],
    ['is logged', `<log-to-eventhub logger-id="x">${one}</log-to-eventhub>`],
    ['is traced', `<trace source="x"><message>${one}</message></trace>`],
    ['is a header', `<set-header name="x"><value>${one}</value></set-header>`],
    ['is a body', `<send-request><set-body>${one}</set-body></send-request>`],
    ['is a body that looks like a policy', `<set-body><inbound>${one}</inbound></set-body>`],
    ['is text of an expression', `<value>@{ return "${one.replaceAll('"', "'")}"; }</value>`],
    ['is text of an expression that text precedes', `<value>a @('${one}')</value>`],
    ['is text of an expression that another one follows', `<value>@("${one}")@("b")</value>`],
    ['stands in an element that nobody knows', `<brand-new-policy>${one}</brand-new-policy>`],
    ['stands in an element of another namespace', `<p:send-request>${one}</p:send-request>`],
  ])('changes nothing in what %s', (_, content) => {
    const text = inbound(content);
    expect(rewriteThumbprints(text, A, 'my-cert')).toEqual({ text, changed: 0 });
    const { mentions, unreadable } = scanPolicy(text);
    expect(unreadable).toBeUndefined();
    expect(mentions.map(({ naming, repairable }) => ({ naming, repairable }))).toEqual([
      { naming: { kind: 'thumbprint', text: A }, repairable: false },
    ]);
  });

  test('changes nothing where it is the whole document', () => {
    expect(rewriteThumbprints(one, A, 'my-cert')).toEqual({ text: one, changed: 0 });
  });

  test.each<[sentence: string, content: string]>([
    ['a text', '<a>b @(c</a>'],
    ['a text that goes on behind an expression', '<a>@("b") c</a>'],
    ['an attribute', '<a b="c @(d)"/>'],
    ['a CDATA section', '<a><![CDATA[b @(c]]></a>'],
    ['what a comment cuts', '<a>b @<!-- c -->(d</a>'],
  ])('changes nothing in a document where %s may be an expression or not', (_, content) => {
    const text = inbound(`${content}${one}`);
    expect(rewriteThumbprints(text, A, 'my-cert')).toEqual({ text, changed: 0 });
    expect(scanPolicy(text).mentions.some(({ repairable }) => repairable)).toBe(false);
  });

  test('finds it in a fragment and in the request of a resolver', () => {
    for (const around of ['fragment', 'http-data-source']) {
      const inner = around === 'fragment' ? one : `<http-request>${one}</http-request>`;
      expect(rewriteThumbprints(`<${around}>${inner}</${around}>`, A, 'my-cert').changed).toBe(1);
    }
  });

  test('finds it wherever it authenticates', () => {
    const text = `<policies><inbound><send-request>${one}</send-request><set-body>a</set-body>${one}</inbound><backend>${one}</backend></policies>`;
    const { changed, text: after } = rewriteThumbprints(text, ` ${A.toLowerCase()}`, 'my-cert');
    expect(changed).toBe(3);
    expect(after).toBe(
      text.replaceAll(one, '<authentication-certificate certificate-id="my-cert"/>'),
    );
  });

  test.each<[sentence: string, id: string, written: string]>([
    ['as it is', 'my-cert', '"my-cert"'],
    ['with signs of XML', `a&b<c>"d'`, `"a&amp;b&lt;c>&quot;d'"`],
    ['with signs of other languages', 'zertifikat-ü', '"zertifikat-ü"'],
    ['with an entity', '&amp;', '"&amp;amp;"'],
  ])('writes an id %s', (_, id, written) => {
    const text = inbound(`<authentication-certificate thumbprint="${A}"/>`);
    const rewritten = rewriteThumbprints(text, A, id).text;
    expect(rewritten).toBe(inbound(`<authentication-certificate certificate-id=${written}/>`));
    expect(namedIn(rewritten)).toEqual([`id ${id}`]);
  });

  test('writes an id between single quotes', () => {
    const text = inbound(`<authentication-certificate thumbprint='${A}'/>`);
    expect(rewriteThumbprints(text, A, `a"b'c`).text).toBe(
      inbound(`<authentication-certificate certificate-id='a"b&apos;c'/>`),
    );
  });

  test.each<[sentence: string, id: string]>([
    ['would be an expression', '@(x)'],
    ['would be statements', '@{x}'],
    ['would be a named value', 'a{{b}}'],
    ['is empty', ''],
    ['is blank', ' '],
    ['has a blank', 'a b'],
    ['has a sign that XML does not allow', 'a\u0001'],
    ['is half a sign', 'a\ud800'],
  ])('changes nothing for an id that %s', (_, id) => {
    const text = inbound(`<authentication-certificate thumbprint="${A}"/>`);
    expect(rewriteThumbprints(text, A, id)).toEqual({ text, changed: 0 });
  });

  test.each<[sentence: string, text: string]>([
    ['is no XML', `<fragment><authentication-certificate thumbprint="${A}">`],
    [
      'is no XML further down',
      `<fragment><authentication-certificate thumbprint="${A}"/></b></fragment>`,
    ],
    [
      'has a document type',
      `<!DOCTYPE a><fragment><authentication-certificate thumbprint="${A}"/></fragment>`,
    ],
    ['is empty', ''],
  ])('changes nothing in a document that %s', (_, text) => {
    expect(rewriteThumbprints(text, A, 'my-cert')).toEqual({ text, changed: 0 });
  });

  test('changes nothing for what is no thumbprint', () => {
    const text = inbound('<authentication-certificate thumbprint="ab"/>');
    expect(rewriteThumbprints(text, 'ab', 'my-cert')).toEqual({ text, changed: 0 });
  });
});

describe('Rewriting any policy', () => {
  const count = (pieces: readonly Piece[]): number =>
    pieces.filter((piece) => typeof piece !== 'string').length;

  test('changes exactly the attributes that hold the thumbprint, and no byte beside them', () => {
    fc.assert(
      fc.property(anyPolicy, writingsOf(A), (pieces, from) => {
        const thumbprint = from.replaceAll(/&#[^;]*;/g, '');
        fc.pre(thumbprint.replaceAll(/[^0-9A-Fa-f]/g, '').length === 40);
        expect(rewriteThumbprints(render(pieces), thumbprint, 'new-id')).toEqual({
          text: render(pieces, 'new-id'),
          changed: count(pieces),
        });
      }),
      runs,
    );
  });

  test('can be undone to the byte', () => {
    fc.assert(
      fc.property(anyPolicy, (pieces) => {
        const written = pieces.flatMap((piece) =>
          typeof piece === 'string' ? [] : [piece.written],
        );
        const { text } = rewriteThumbprints(render(pieces), A, 'new-id');
        const undone = text.replaceAll(
          /certificate-id(\s*=\s*)(["'])new-id\2/g,
          (_, equals: string, quote: string) =>
            `thumbprint${equals}${quote}${written.shift() ?? ''}${quote}`,
        );
        expect(undone).toBe(render(pieces));
      }),
      runs,
    );
  });

  test('makes it name the id where it named the thumbprint, and else what it named before', () => {
    fc.assert(
      fc.property(anyPolicy, (pieces) => {
        const before = scanPolicy(render(pieces));
        const after = scanPolicy(rewriteThumbprints(render(pieces), A, 'new-id').text);
        expect(before.unreadable).toBeUndefined();
        const isRepairable = (repairable: boolean, text: string): boolean =>
          repairable && text.replaceAll(/[^0-9A-Fa-f]/g, '').toUpperCase() === A;
        // Blanks in what is replaced may hold line ends, so lines are not compared.
        expect(after.mentions.map(({ naming, repairable }) => ({ naming, repairable }))).toEqual(
          before.mentions.map(({ naming, repairable }) =>
            naming.kind === 'thumbprint' && isRepairable(repairable, naming.text)
              ? { naming: { kind: 'id', text: 'new-id' }, repairable: false }
              : { naming, repairable },
          ),
        );
        expect(before.mentions.filter(({ repairable }) => repairable)).toHaveLength(
          count(pieces) + after.mentions.filter(({ repairable }) => repairable).length,
        );
      }),
      runs,
    );
  });

  test('done again changes nothing', () => {
    fc.assert(
      fc.property(anyPolicy, (pieces) => {
        const { text } = rewriteThumbprints(render(pieces), A, 'new-id');
        expect(rewriteThumbprints(text, A, 'new-id')).toEqual({ text, changed: 0 });
      }),
      runs,
    );
  });
});

describe('Scanning and rewriting whatever text', () => {
  const part = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 5 }),
    fc.constantFrom(
      '<',
      '>',
      '/>',
      '"',
      "'",
      '@(',
      '@{',
      ')',
      '}',
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
    ),
    fc.constantFrom(
      '<!DOCTYPE a [',
      '&',
      ';',
      '&#xD800;',
      '&#x110000;',
      '\0',
      '\ud800',
      '{{',
      '$"{',
    ),
    fc.constantFrom('<a b="', '</a>', '<authentication-certificate thumbprint="', A, '\r'),
  );

  test('never throws, and leaves alone what it cannot read', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
        const text = parts.join('');
        const { unreadable } = scanPolicy(text);
        const rewritten = rewriteThumbprints(text, A, 'new-id');
        if (unreadable !== undefined) expect(rewritten).toEqual({ text, changed: 0 });
      }),
      { numRuns: 3000 },
    );
  });

  test('never throws for a policy in which something went wrong', () => {
    fc.assert(
      fc.property(
        anyPolicy,
        fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(8), part), {
          maxLength: 4,
        }),
        (pieces, changes) => {
          let text = render(pieces);
          for (const [where, cut, put] of changes) {
            const at = Math.floor(where * text.length);
            text = text.slice(0, at) + put + text.slice(at + cut);
          }
          const { unreadable } = scanPolicy(text);
          const rewritten = rewriteThumbprints(text, A, 'new-id');
          if (unreadable !== undefined) expect(rewritten).toEqual({ text, changed: 0 });
          else expect(scanPolicy(rewritten.text).unreadable).toBeUndefined();
        },
      ),
      { numRuns: 1000 },
    );
  });
});
