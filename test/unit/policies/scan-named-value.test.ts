import fc from 'fast-check';
import { scanNamedValue } from '../../../shared/policies/scan-named-value.ts';
import { A, B } from '../../support/policies/named-in.ts';

describe('The value of a named value', () => {
  test.each<[sentence: string, value: string, mentions: readonly (readonly [string, string])[]]>([
    ['may be a thumbprint', A, [['value', `thumbprint ${A}`]]],
    [
      'may be a list of thumbprints',
      `${A}; ${B}`,
      [
        ['value', `thumbprint ${A}`],
        ['value', `thumbprint ${B}`],
      ],
    ],
    [
      'may be an expression',
      '@(context.Deployment.Certificates["my-cert"])',
      [['value', 'id my-cert']],
    ],
    [
      'may be C# that is put into one',
      `"${A}" || context.Request.Certificate == null`,
      [['value', `thumbprint ${A}`]],
    ],
    [
      'may be a piece of a policy, where nothing can be repaired',
      `<base />\n<authentication-certificate thumbprint="${A}" />`,
      [['value: authentication-certificate/@thumbprint, line 2', `thumbprint ${A}`]],
    ],
    ['may be C# with a sign of XML', `x < 1 && y == "${A}"`, [['value', `thumbprint ${A}`]]],
    [
      'may be about certificates and not to be read',
      '<a certificate-id="b">',
      [
        ['value: a/@certificate-id, line 1', 'id b'],
        ['value', 'expression'],
      ],
    ],
    ['may be something else', 'https://contoso.com?a=b&c=d', []],
    ['may be something else that looks like XML', '1 < 2', []],
    ['may be nothing', '', []],
  ])('%s', (_, value, mentions) => {
    expect(
      scanNamedValue(value).map(({ at, naming }) => [
        at,
        'text' in naming ? `${naming.kind} ${naming.text}` : naming.kind,
      ]),
    ).toEqual(mentions);
  });

  test('can be whatever it likes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        expect(scanNamedValue(value).every(({ repairable }) => !repairable)).toBe(true);
      }),
    );
  });
});
