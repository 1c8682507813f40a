import fc from 'fast-check';
import { anyCSharp } from '../../support/policies/any-csharp.ts';
import { A, B, inbound, namedIn } from '../../support/policies/named-in.ts';

/** The same expression wherever one can stand, in either format. */
const PLACES: readonly [sentence: string, put: (code: string) => string][] = [
  ['in an attribute', (code) => `<choose><when condition="${code}"/></choose>`],
  ['in an attribute with single quotes', (code) => `<choose><when condition='${code}'/></choose>`],
  ['in an attribute with blanks around it', (code) => `<set-variable value="\r\n ${code}\n"/>`],
  ['in a text', (code) => `<set-header name="x"><value>${code}</value></set-header>`],
  ['in a text with blanks around it', (code) => `<set-body>\r\n  ${code}\r\n</set-body>`],
  ['behind a comment', (code) => `<set-body><!-- it's " ( -->${code}<!-- @( --></set-body>`],
  ['in a CDATA section', (code) => `<set-body>\n<![CDATA[ ${code} ]]>\n</set-body>`],
  ['escaped in an attribute', (code) => `<choose><when condition="${escape(code)}"/></choose>`],
  ['escaped in a text', (code) => `<set-body> ${escape(code)} </set-body>`],
  [
    'escaped in a text, but for its quotes',
    (code) => `<set-body>${escape(code).replaceAll('&quot;', '"')}</set-body>`,
  ],
];

function escape(code: string): string {
  return code
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

const CASES: readonly [sentence: string, code: string, named: readonly string[]][] = [
  [
    'an id in the store',
    '@(context.Deployment.Certificates["my-cert"].Thumbprint)',
    ['id my-cert'],
  ],
  [
    'an id in the store, with blanks and lines between',
    '@{ return context . Deployment\r\n  .Certificates /* "no" */ [ "my-cert" ]\n.Subject; }',
    ['id my-cert'],
  ],
  [
    'an id that is asked for',
    '@{ X509Certificate2 c; if (context.Deployment.Certificates.TryGetValue("my-cert", out c) && 1 < 2) { return c.Subject; } return ""; }',
    ['id my-cert'],
  ],
  [
    'an id that may be there',
    '@(context.Deployment.Certificates.ContainsKey( @"my-cert" ))',
    ['id my-cert'],
  ],
  ['an id if there is a store', '@(context?.Deployment?.Certificates?["my-cert"])', ['id my-cert']],
  [
    'an id as a text without holes',
    '@(context.Deployment.Certificates[$"my-cert"])',
    ['id my-cert'],
  ],
  [
    'a thumbprint in the store, which may be an id',
    `@(context.Deployment.Certificates["${A}"])`,
    [`id ${A}`, `thumbprint ${A}`],
  ],
  [
    'a named value in the store, which may be either',
    '@{ using (RSA rsa = context.Deployment.Certificates["{{cert-thumbprint}}"].GetRSAPrivateKey()) { return ""; } }',
    ['id {{cert-thumbprint}}', 'thumbprint {{cert-thumbprint}}'],
  ],
  [
    'any certificate that is gone through',
    '@(!context.Deployment.Certificates.Any(c => c.Value.Thumbprint == context.Request.Certificate.Thumbprint))',
    ['expression'],
  ],
  [
    'any certificate, by a name that is worked out',
    '@(context.Deployment.Certificates[(string)context.Variables["name"]])',
    ['expression'],
  ],
  [
    'any certificate, by a name in parts',
    '@(context.Deployment.Certificates["a" + "b"])',
    ['expression'],
  ],
  [
    'any certificate, by a text with holes',
    '@(context.Deployment.Certificates[$"a{1}"])',
    ['expression'],
  ],
  [
    'any certificate, by a text with a hole at its end',
    '@(context.Deployment.Certificates[$"{1}a"])',
    ['expression'],
  ],
  [
    'any certificate of a store with another name',
    '@{ var d = context.Deployment; var c = d.Certificates; return c["a"].Subject; }',
    ['expression'],
  ],
  [
    'any certificate, by a method that nobody knows',
    '@(context.Deployment.Certificates.Find("a"))',
    ['expression'],
  ],
  [
    'an id in a store whose name is escaped',
    '@(context.Deployment.Certific\\u0061tes["a"])',
    ['id a'],
  ],
  [
    'the thumbprint that a client must have',
    `@(context.Request.Certificate == null || context.Request.Certificate.Thumbprint != "${A}")`,
    [`thumbprint ${A}`],
  ],
  [
    'thumbprints of every form',
    `@(new [] { "${A.toLowerCase()}", @"${B.replaceAll(/(..)(?=.)/g, '$1:')}", "\\u0043${A.slice(1)}" }.Contains(x))`,
    [
      `thumbprint ${A.toLowerCase()}`,
      `thumbprint ${B.replaceAll(/(..)(?=.)/g, '$1:')}`,
      `thumbprint ${A}`,
    ],
  ],
  ['thumbprints in one text', `@("${A};${B}".Split(';'))`, [`thumbprint ${A}`, `thumbprint ${B}`]],
  ['a thumbprint within a hole', `@($"{(x == "${A}" ? "<" : ")")}")`, [`thumbprint ${A}`]],
  [
    'a named value that is compared with a thumbprint',
    '@(context.Request.Certificate.Thumbprint == "{{thumb}}")',
    ['thumbprint {{thumb}}'],
  ],
  [
    'a named value that is put in as C#',
    '@(context.Request.Certificate.Thumbprint == {{client.thumb-1}})',
    ['thumbprint {{client.thumb-1}}'],
  ],
  [
    'a named value beside a header about certificates',
    '@(context.Request.Headers.GetValueOrDefault("X-ARR-ClientCert","") == "{{a}}")',
    ['thumbprint {{a}}'],
  ],
  [
    'thumbprints and named values in one text',
    `@(new [] { "${A};{{b}}" }.Contains(context.Request.Certificate.Thumbprint))`,
    ['thumbprint {{b}}', `thumbprint ${A}`],
  ],
  [
    'a thumbprint in parts',
    '@(context.Request.Certificate.Thumbprint == "{{a}}{{b}}")',
    ['thumbprint {{a}}{{b}}'],
  ],
  ['nothing by a named value about something else', '@("{{host}}" + context.Request.Url.Path)', []],
  [
    'nothing in its comments',
    `@{ // context.Deployment.Certificates["no"] "${A}"\n /* "{{no}}" */ return context.Request.Certificate; }`,
    [],
  ],
  [
    'nothing by a text that speaks of the store',
    '@("context.Deployment.Certificates" + "(\\">")',
    [],
  ],
  [
    'nothing by braces without a name',
    '@(context.Request.Certificate.Subject == "{{}}" + "{{a b}}")',
    [],
  ],
  ['nothing by blocks in blocks', '@{{ return context.Request.Certificate.Subject; }}', []],
];

describe.each(PLACES)('An expression %s', (_place, put) => {
  test.each(CASES)('names %s', (_, code, named) => {
    expect(namedIn(inbound(put(code)))).toEqual(named);
  });
});

test.each(PLACES)('An expression %s names what it names, whatever else it holds', (_, put) => {
  fc.assert(
    fc.property(anyCSharp, anyCSharp, fc.boolean(), (before, behind, single) => {
      const code = `${before} + context.Deployment.Certificates["my-cert"] + ${behind}`;
      fc.pre(!code.includes(']]>'));
      const text = inbound(put(single ? `@(${code})` : `@{ ${code}; }`));
      // By chance a string holds what is a named value.
      expect(namedIn(text).filter((line) => !line.includes('{{'))).toEqual(['id my-cert']);
    }),
    { numRuns: 300 },
  );
});

describe('The attribute that names a certificate', () => {
  test.each<[sentence: string, attribute: string, named: readonly string[]]>([
    ['may be a constant', 'certificate-id="@("my-cert")"', ['id my-cert']],
    ['may be a constant in other quotes', `certificate-id='@( @"my-cert" )'`, ['id my-cert']],
    [
      'may be a constant that is returned',
      'certificate-id="@{ return "my-cert"; }"',
      ['id my-cert'],
    ],
    [
      'may be a constant that is escaped',
      'certificate-id="@(&quot;my-cert&quot;)"',
      ['id my-cert'],
    ],
    [
      'may be a constant thumbprint, which is not repaired',
      `thumbprint="@("${A}")"`,
      [`thumbprint ${A}`],
    ],
    ['may be a named value as a constant', 'thumbprint="@("{{thumb}}")"', ['thumbprint {{thumb}}']],
    [
      'may be a constant with an entity in it',
      `certificate-id='@("a&amp;b")'`,
      ['id a&amp;b', 'id a&b'],
    ],
    [
      'may be one of two thumbprints, or another one',
      `thumbprint="@(x ? "${A}" : "${B}")"`,
      ['expression', `thumbprint ${A}`, `thumbprint ${B}`],
    ],
    [
      'is worked out when there is more than a constant',
      'certificate-id="@("a" + b)"',
      ['expression'],
    ],
    [
      'is worked out when more than a constant is returned',
      'certificate-id="@{ return "a" + b; }"',
      ['expression'],
    ],
    [
      'is worked out when there are statements',
      'certificate-id="@{ return "a"; return "b"; }"',
      ['expression'],
    ],
    ['is worked out when nothing returns it', 'certificate-id="@{ "a"; }"', ['expression']],
    ['is worked out when it has a hole', 'certificate-id="@($"a{b}")"', ['expression']],
  ])('%s', (_, attribute, named) => {
    expect(namedIn(inbound(`<authentication-certificate ${attribute} />`))).toEqual(named);
  });
});

describe('An expression that is hard to find', () => {
  test.each<[sentence: string, content: string, named: readonly string[]]>([
    [
      'does not end where it would if it were not escaped',
      `<a b="@(&quot;(&quot; + c)"/><authentication-certificate certificate-id="a"/><d e=")"/>`,
      ['id a'],
    ],
    [
      'hides no element, though its brackets do not close',
      `<a>mail @( us</a><authentication-certificate certificate-id="a"/><b>)</b>`,
      ['id a'],
    ],
    [
      'hides no element, though it begins like a value',
      `<a>@( us</a><authentication-certificate certificate-id="a"/><b>) x</b>`,
      ['id a'],
    ],
    [
      'hides no attribute, though it begins like a value',
      `<a b="@( us" c="d"/><authentication-certificate certificate-id="a"/><b c=")  x"/>`,
      ['id a'],
    ],
    [
      'is read by its words where it has no end',
      `<a>@( context.Deployment.Certificates["a"] == '${A}' {{b}}</a>`,
      ['expression', 'thumbprint {{b}}', `thumbprint ${A}`],
    ],
    [
      'is read by its words where it stands among text',
      `<a>Bearer @(context.Deployment.Certificates["a"])</a>`,
      ['expression'],
    ],
    [
      'goes on behind a comment',
      `<a>@{ return <!-- it's a comment --> context.Deployment.Certificates["a"]; }</a>`,
      ['id a'],
    ],
    [
      'goes on in a CDATA section',
      `<a>@{ <![CDATA[ return context.Deployment.Certificates["a"]; ]]> }</a>`,
      ['id a'],
    ],
    [
      'may hold elements as text',
      `<a>@("<x certificate-id='no'/>" + context.Deployment.Certificates["a"])</a>`,
      ['id a'],
    ],
    [
      'may hold what ends a CDATA section',
      `<a>@(x[y[0]]>5 ? context.Deployment.Certificates["a"] : null)</a>`,
      ['id a'],
    ],
    [
      'may hold an entity as text',
      `<a>@(x.Replace("&quot;", "<").Contains(context.Deployment.Certificates["a"].Subject))</a>`,
      ['id a'],
    ],
  ])('%s', (_, content, named) => {
    expect(namedIn(inbound(content))).toEqual(named);
  });
});
