import { scanPolicy } from '../../../shared/policies/scan-policy.ts';
import { A, B, inbound, namedIn } from '../../support/policies/named-in.ts';

const SPACED = A.replaceAll(/(..)(?=.)/g, '$1 ');
const COLONS = A.toLowerCase().replaceAll(/(..)(?=.)/g, '$1:');

describe('A policy names a certificate', () => {
  test.each<[sentence: string, text: string, named: readonly string[]]>([
    [
      'by an id that it authenticates with',
      inbound('<authentication-certificate certificate-id="gateway-client" />'),
      ['id gateway-client'],
    ],
    [
      'by a thumbprint that it authenticates with, which can be repaired',
      inbound(`<authentication-certificate thumbprint="${A}" />`),
      [`thumbprint ${A} repairable`],
    ],
    [
      'by a thumbprint with colons, in small letters',
      inbound(`<authentication-certificate thumbprint='${COLONS}'/>`),
      [`thumbprint ${COLONS} repairable`],
    ],
    [
      'by a thumbprint as the certificate viewer of Windows copies it',
      inbound(`<authentication-certificate thumbprint="\u200e${SPACED.toLowerCase()}"/>`),
      [`thumbprint \u200e${SPACED.toLowerCase()} repairable`],
    ],
    [
      'by a thumbprint that is written with entities',
      inbound(`<authentication-certificate thumbprint="&#67;&#x41;${A.slice(2)}"/>`),
      [`thumbprint ${A} repairable`],
    ],
    [
      'with odd blanks around it',
      inbound(
        `<authentication-certificate\r\n\tthumbprint\n =\r\n" ${A}\t"\n></authentication-certificate\n>`,
      ),
      [`thumbprint ${A} repairable`],
    ],
    [
      'which it carries itself',
      inbound('<authentication-certificate body="MIIB+w==" password="{{pfx-password}}" />'),
      ['body'],
    ],
    [
      'which it takes out of the store by an expression',
      inbound(
        '<authentication-certificate body="@(context.Deployment.Certificates["someKey"].Export(X509ContentType.Pfx, "testPass"))" />',
      ),
      ['body', 'id someKey'],
    ],
    [
      'both by id and by thumbprint, so that nobody knows which counts',
      inbound(`<authentication-certificate certificate-id="a" thumbprint="${A}" />`),
      ['id a', `thumbprint ${A}`],
    ],
    [
      'by a thumbprint through a named value, which is left as it is written',
      inbound('<authentication-certificate thumbprint="{{ thumb }}" />'),
      ['thumbprint {{ thumb }}'],
    ],
    [
      'by an id that is put together with a named value',
      inbound('<authentication-certificate certificate-id="client-{{env}}" />'),
      ['id client-{{env}}'],
    ],
    [
      'in a request of its own',
      inbound(
        `<send-request mode="new" response-variable-name="token"><set-url>https://login.contoso.com</set-url>
           <set-method>POST</set-method><authentication-certificate certificate-id="outgoing"/></send-request>
         <send-one-way-request><authentication-certificate thumbprint="${B}"/></send-one-way-request>`,
      ),
      ['id outgoing', `thumbprint ${B} repairable`],
    ],
    [
      'deep in its conditions',
      inbound(
        `<choose><when condition="@(context.Request.Method == "GET")"><retry condition="@(false)" count="3" interval="1">
           <wait for="all"><send-request><authentication-certificate certificate-id="deep"/></send-request></wait>
         </retry></when><otherwise><authentication-certificate thumbprint="${A}"/></otherwise></choose>`,
      ),
      ['id deep', `thumbprint ${A} repairable`],
    ],
    [
      'that clients show',
      inbound(
        `<validate-client-certificate validate-revocation="true" ignore-error="false"><identities>
           <identity thumbprint="${A}" serial-number="12" common-name="c" subject="CN=c" dns-name="c.contoso.com" issuer-subject="CN=ca"/>
           <identity issuer-thumbprint="${B}" /><identity issuer-certificate-id="issuer" />
         </identities></validate-client-certificate>`,
      ),
      [`thumbprint ${A}`, `thumbprint ${B}`, 'id issuer'],
    ],
    [
      'that signs or opens tokens',
      inbound(
        `<validate-jwt header-name="Authorization"><issuer-signing-keys><key certificate-id="signing" /><key>MIIB</key></issuer-signing-keys>
           <decryption-keys><key certificate-id="decryption" /></decryption-keys></validate-jwt>
         <validate-azure-ad-token tenant-id="{{tenant}}"><decryption-keys><key certificate-id="entra" /></decryption-keys></validate-azure-ad-token>`,
      ),
      ['id signing', 'id decryption', 'id entra'],
    ],
    [
      'in elements that nobody knows yet',
      inbound(
        `<brand-new-policy certificate-id="x" client-thumbprint="${A}"><y Certificate-Id="z"/></brand-new-policy>`,
      ),
      ['id x', `thumbprint ${A}`, 'id z'],
    ],
    [
      'in elements of other namespaces, which are not repaired',
      inbound(
        `<p:authentication-certificate xmlns:p="urn:p" p:thumbprint="${A}" /><authentication-certificate xmlns="urn:q" xmlns:p="urn:p" p:certificate-id="q"/>`,
      ),
      [`thumbprint ${A}`, 'id q'],
    ],
    [
      'by a thumbprint that a header is compared with',
      inbound(
        `<check-header name="X-Client-Thumbprint" failed-check-httpcode="403"><value>${A}</value><value>${B.toLowerCase()}</value></check-header>`,
      ),
      [`thumbprint ${A}`, `thumbprint ${B.toLowerCase()}`],
    ],
    [
      'by thumbprints in a list',
      inbound(`<set-variable name="allowed" value="${A},${B}" />`),
      [`thumbprint ${A}`, `thumbprint ${B}`],
    ],
    ['in text of a CDATA section', inbound(`<value><![CDATA[${A}]]></value>`), [`thumbprint ${A}`]],
    [
      'in what it sends, where there is nothing to repair',
      inbound(`<set-body><authentication-certificate thumbprint="${A}" /></set-body>`),
      [`thumbprint ${A}`],
    ],
    [
      'in a fragment',
      `<fragment>\n  <authentication-certificate certificate-id="shared" />\n</fragment>`,
      ['id shared'],
    ],
    [
      'in a resolver',
      `<http-data-source><http-request><set-method>GET</set-method><set-url>@($"https://data.contoso.com/{context.GraphQL.Arguments["id"]}")</set-url>
         <authentication-certificate thumbprint="${A}" /></http-request></http-data-source>`,
      [`thumbprint ${A} repairable`],
    ],
    [
      'behind a mark of the byte order, a declaration, a processing instruction and a comment',
      `\ufeff<?xml version="1.0" encoding="utf-8"?>\r\n<?x certificate-id="no"?>\r\n<!-- no -->\r\n${inbound('<authentication-certificate certificate-id="yes"/>')}\r\n<!-- no -->\r\n`,
      ['id yes'],
    ],
  ])('%s', (_, text, named) => {
    expect(namedIn(text)).toEqual(named);
  });
});

describe('What only looks like a reference', () => {
  const one = `<authentication-certificate thumbprint="${A}"/>`;
  const doubtIn = (content: string): readonly (boolean | undefined)[] =>
    scanPolicy(inbound(content)).mentions.map(({ doubtful }) => doubtful);

  test.each<[sentence: string, content: string]>([
    ['in a body', `<set-body>${one}</set-body>`],
    ['in the text of a body', `<set-body>{ "thumbprint": "${A}" }</set-body>`],
    ['in a transformation', `<xsl-transform><xsl:x>${one}</xsl:x></xsl-transform>`],
    [
      'in a message',
      `<send-service-bus-message><payload>${one}</payload></send-service-bus-message>`,
    ],
    ['in what is logged', `<log-to-eventhub>${one}</log-to-eventhub>`],
    ['in what is traced', `<trace><message>the certificate ${A}</message></trace>`],
    ['as a header that looks like a policy', `<set-header><value>${one}</value></set-header>`],
    ['beside an expression', `<a>the certificate ${A} of @(context.User)</a>`],
  ])('is told as doubtful: %s', (_, content) => {
    expect(doubtIn(content)).toEqual([true]);
  });

  test.each<[sentence: string, content: string]>([
    [
      'in elements that nobody knows yet',
      `<brand-new-policy><x thumbprint="${A}"/></brand-new-policy>`,
    ],
    ['as what a header is compared with', `<check-header><value>${A}</value></check-header>`],
    ['in the expression of a body', `<set-body>@(c.Thumbprint == "${A}")</set-body>`],
    ['in the expression of a message', `<message>@(Certificates["a"].Subject)</message>`],
  ])('is none of it: %s', (_, content) => {
    expect(doubtIn(content)).toEqual([undefined]);
  });
});

describe('A policy names no certificate', () => {
  test.each<[sentence: string, text: string]>([
    ['in a comment', inbound(`<!-- <authentication-certificate thumbprint="${A}" /> -->`)],
    [
      'in a comment among text',
      inbound(`<value>a<!-- @(context.Deployment.Certificates["a"]) -->b</value>`),
    ],
    ['in a processing instruction', inbound(`<?note certificate-id="a" thumbprint="${A}"?>`)],
    [
      'by elements in a CDATA section',
      inbound('<value><![CDATA[<authentication-certificate certificate-id="a" />]]></value>'),
    ],
    [
      'by an attribute that is empty',
      inbound('<authentication-certificate certificate-id=" " thumbprint="" body=""/>'),
    ],
    ['by more than 40 digits', inbound(`<value>${A}00</value><value>0${A}</value>`)],
    ['when it is as short as it can be', '<policies/>'],
    [
      'by expressions about something else',
      inbound('<set-header name="x"><value>@(context.Request.IpAddress)</value></set-header>'),
    ],
    [
      'by a named value that is a value',
      inbound('<set-header name="x"><value>{{thumbprint}}</value></set-header>'),
    ],
    [
      'by a template',
      inbound(
        '<set-body template="liquid"><send-request>{{body.certificate}}</send-request></set-body>',
      ),
    ],
    ['by a word', inbound('<value>context.Deployment.Certificates["a"]</value>')],
  ])('%s', (_, text) => {
    expect(namedIn(text)).toEqual([]);
  });
});

describe('A policy may name any certificate', () => {
  test.each<[sentence: string, content: string]>([
    [
      'by an id that is worked out',
      '<authentication-certificate certificate-id="@((string)context.Variables["cert"])" />',
    ],
    [
      'by a thumbprint that is worked out',
      '<authentication-certificate thumbprint=\'@{ return (string)context.Variables["t"]; }\' />',
    ],
    [
      'by one of several ids',
      '<authentication-certificate certificate-id="@(context.Request.IpAddress == "1" ? "a" : "b")" />',
    ],
    [
      'by an id with something like an expression in it',
      '<authentication-certificate certificate-id="a@(b" />',
    ],
    ['where a named value stands in place of a policy', '{{policy-of-the-team}}'],
    [
      'where one stands in a condition',
      '<choose><when condition="@(true)">{{policy}}</when></choose>',
    ],
    ['where one stands in a CDATA section among policies', '<![CDATA[{{policy}}]]>'],
    [
      'by an id that is longer than any',
      `<authentication-certificate certificate-id="${'a'.repeat(2000)}"/>`,
    ],
  ])('%s', (_, content) => {
    expect(namedIn(inbound(content))).toEqual(['expression']);
  });
});

describe('A policy is unreadable', () => {
  test.each<[sentence: string, text: string, unreadable: string]>([
    ['that is empty', ' \r\n', 'It is empty.'],
    ['that is no XML', 'policies', 'It is not well-formed XML: see line 1.'],
    ['that ends too early', '<policies>\r\n<inbound>', 'It is not well-formed XML: see line 2.'],
    ['whose tags cross', '<a>\n<b></a></b>', 'It is not well-formed XML: see line 2.'],
    ['with two roots', '<policies/><policies/>', 'It is not well-formed XML: see line 1.'],
    ['with an attribute twice', `<a x="1" x="2"/>`, 'It is not well-formed XML: see line 1.'],
    ['with an attribute without quotes', `<a x=1/>`, 'It is not well-formed XML: see line 1.'],
    [
      'with a named value in place of attributes',
      '<a {{b}}/>',
      'It is not well-formed XML: see line 1.',
    ],
    [
      'with an entity that XML does not know',
      '<a>&nbsp;</a>',
      'It is not well-formed XML: see line 1.',
    ],
    [
      'with a sign that XML does not allow',
      '<a>\u0001</a>',
      'It is not well-formed XML: see line 1.',
    ],
    [
      'with an expression that has no end',
      inbound('<a b="@(c == "d"/>'),
      'It is not well-formed XML: see line 1.',
    ],
    [
      'with text behind an expression that is no XML',
      inbound('<a b="@("c") d"/>'),
      'It is not well-formed XML: see line 1.',
    ],
    [
      'with a document type',
      '<!DOCTYPE a [<!ENTITY t "x">]><a>&t;</a>',
      'It has a document type, which no policy has.',
    ],
    [
      'with a document type that is not needed',
      '<!DOCTYPE policies>\n<policies/>',
      'It has a document type, which no policy has.',
    ],
  ])('%s', (_, text, unreadable) => {
    expect(scanPolicy(text).unreadable).toBe(unreadable);
  });

  test('and still tells what was found before', () => {
    const text = `<policies><inbound><authentication-certificate certificate-id="a"/></policies>`;
    expect(scanPolicy(text)).toEqual({
      mentions: [
        {
          at: 'inbound/authentication-certificate/@certificate-id, line 1',
          naming: { kind: 'id', text: 'a' },
          repairable: false,
        },
      ],
      unreadable: 'It is not well-formed XML: see line 1.',
    });
  });

  test('without saying anything of what it holds', () => {
    expect(scanPolicy('<a secret="s3cret" s3cret>').unreadable).not.toContain('s3cret');
  });
});
