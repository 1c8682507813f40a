import { A, B, inbound, namedIn, placesIn } from '../../support/policies/named-in.ts';

describe('The place of a mention', () => {
  test('is a path and a line, however lines end', () => {
    const text = `<policies>\r\n<inbound>\n\r<choose><when condition="@(true)">\r
<authentication-certificate\r
  thumbprint="${A}"/></when></choose></inbound></policies>`;
    expect(placesIn(text)).toEqual([
      'inbound/choose/when/authentication-certificate/@thumbprint, line 6',
    ]);
  });

  test('in an expression is the line of what is named there', () => {
    const text = `<policies>\n<inbound>\n<set-variable name="x" value="@{\r\n  var a = "<\\"";\r\n  return context.Deployment\r\n    .Certificates["a"];\r\n}"/></inbound></policies>`;
    expect(placesIn(text)).toEqual(['inbound/set-variable/@value, line 6']);
  });

  test('is told without the root, unless it is the root', () => {
    expect(placesIn('<authentication-certificate certificate-id="a"/>')).toEqual([
      'authentication-certificate/@certificate-id, line 1',
    ]);
    expect(placesIn('<fragment><x certificate-id="a"/></fragment>')).toEqual([
      'x/@certificate-id, line 1',
    ]);
    expect(placesIn('<fragment>{{a}}<value>b</value>\n{{c}}<value/></fragment>')).toEqual([
      'fragment, line 1',
      'fragment, line 2',
    ]);
  });

  test('leaves out the middle of a long path, and the end of a long name', () => {
    const deep = ['inbound', 'choose', 'when', 'choose', 'when', 'wait', 'send-request'];
    const text = `<policies>${deep.map((name) => `<${name}>`).join('')}<x certificate-id="a" ${'y'.repeat(99)}-thumbprint="${A}"/>${deep
      .toReversed()
      .map((name) => `</${name}>`)
      .join('')}</policies>`;
    expect(placesIn(text)).toEqual([
      'inbound/choose/…/send-request/x/@certificate-id, line 1',
      `inbound/choose/…/send-request/x/@${'y'.repeat(59)}…, line 1`,
    ]);
  });

  test('is told for each mention, once for each certificate', () => {
    const expression = `@(context.Request.Certificate.Thumbprint == "${A}" || "${A}" == "${B}")`;
    const text = inbound(`<a x='${expression}'/><a x='${expression}'/>`);
    expect(namedIn(text)).toEqual([
      `thumbprint ${A}`,
      `thumbprint ${B}`,
      `thumbprint ${A}`,
      `thumbprint ${B}`,
    ]);
  });
});
