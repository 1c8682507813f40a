import {
  readPolicy,
  usesOf,
  type PolicyElement,
} from '../../../../local/azure/api-management/policy-document.ts';
import { AzureFault } from '../../../../local/azure/service.ts';

const read = (text: string, format: 'rawxml' | 'xml' = 'rawxml'): PolicyElement[] =>
  readPolicy(text, format, ['policies']);

function refusal(text: string, format: 'rawxml' | 'xml' = 'rawxml'): unknown {
  try {
    read(text, format);
  } catch (error) {
    if (error instanceof AzureFault) return error.details?.[0];
    throw error;
  }
  return undefined;
}

describe('a policy document', () => {
  it('is read with the position of each element, counted as the service counts', () => {
    const text =
      '\uFEFF<policies>\r\n\t<inbound>\r\n        <a b="@(x == "1")" /><c/>\r\n\t</inbound></policies>';
    expect(read(text)).toEqual([
      { name: 'policies', attributes: {}, line: 1, column: 2 },
      { name: 'inbound', attributes: {}, line: 2, column: 3 },
      { name: 'a', attributes: { b: '@(_________' }, line: 3, column: 10 },
      { name: 'c', attributes: {}, line: 3, column: 31 },
    ]);
  });

  it.each([
    ['a tag that is not closed', '<policies><inbound></policies>'],
    ['text that is not XML', '<policies><set-body>a < b</set-body></policies>'],
    ['an attribute without its end', '<policies a="b></policies>'],
    ['an expression that never closes', '<policies><a b="@(x == "1"" /></policies>'],
    ['two roots', '<policies/><policies/>'],
    ['no text at all', ''],
  ])('is refused for %s', (_, text) => {
    expect(refusal(text)).toMatchObject({
      code: 'ValidationError',
      target: 'representation',
      message: expect.stringMatching(/Line \d+, position \d+\.$/) as unknown,
    });
  });

  it('is refused as xml when its expressions are not escaped', () => {
    const raw = '<policies><a b="@(x == "1")" /></policies>';
    expect(refusal(raw)).toBeUndefined();
    expect(refusal(raw, 'xml')).toMatchObject({ target: 'representation' });
    expect(refusal(raw.replaceAll('"1"', '&quot;1&quot;'), 'xml')).toBeUndefined();
  });

  it('is refused with another root', () => {
    expect(refusal('<!-- a --><policy/>')).toMatchObject({
      target: 'policy',
      message: expect.stringContaining(
        "Error in element 'policy' on line 1, column 12:",
      ) as unknown,
    });
  });

  it('refers to certificates and fragments by what is literal', () => {
    const uses = usesOf(
      read(`<policies><inbound>
        <authentication-certificate certificate-id="Gateway" />
        <authentication-certificate certificate-id="@(context.Variables["id"])" />
        <authentication-certificate certificate-id="{{certificate}}" />
        <authentication-certificate thumbprint="AB12" />
        <validate-jwt><issuer-signing-keys><key certificate-id="signing" /></issuer-signing-keys></validate-jwt>
        <include-fragment fragment-id="Common" />
        <!-- <authentication-certificate certificate-id="gone" /> -->
      </inbound></policies>`),
    );
    expect(uses).toEqual({ certificates: ['gateway', 'signing'], fragments: ['common'] });
  });
});
