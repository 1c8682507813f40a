import fc from 'fast-check';
import {
  matchesFilter,
  parseFilter,
  unsupportedFilter,
} from '../../../local/azure/resource-manager/odata-filter.ts';
import { AzureFault } from '../../../local/azure/service.ts';

const fields: Readonly<Record<string, string>> = {
  name: 'gateway-client',
  subject: "CN=O'Hara, O=Contoso",
  expirationDate: '2027-01-01T00:00:00Z',
};
const subject = {
  field(name: string): string | undefined {
    if (name === 'nothing') return undefined;
    const value = fields[name];
    if (value === undefined) throw unsupportedFilter(name);
    return value;
  },
  call: (name: string, args: readonly string[]): boolean => name === 'always' && args[0] !== 'not',
};

describe('a filter', () => {
  it.each([
    ["name eq 'gateway-client'", true],
    ["name eq 'GATEWAY-CLIENT'", true],
    ["name ne 'gateway-client'", false],
    ["subject eq 'CN=O''Hara, O=Contoso'", true],
    ["startswith(name, 'gate')", true],
    ["endswith(name, 'gate')", false],
    ["contains(name, 'WAY')", true],
    ["substringof('way', name)", true],
    ['expirationDate lt 2027-06-01T00:00:00Z', true],
    ["expirationDate ge datetime'2027-01-01T00:00:00Z'", true],
    ["expirationDate eq '2027-01-01T01:00:00+01:00'", true],
    ["name eq 'x' or name eq 'gateway-client' and startswith(name,'g')", true],
    ["(name eq 'x' or name eq 'gateway-client') and startswith(name,'x')", false],
    ["not (name eq 'x')", true],
    ["nothing eq 'x'", false],
    ["nothing ne 'x'", true],
    ['always()', true],
    ["always('not')", false],
  ])('%s is %s', (text, expected) => {
    expect(matchesFilter(parseFilter(text), subject)).toBe(expected);
  });

  it.each([
    '',
    'name',
    'name eq',
    "name eq 'x' and",
    "name is 'x'",
    "(name eq 'x'",
    "name eq 'x' y",
    "contains(name 'x')",
    "eq 'x'",
    "name eq 'x",
  ])('is refused when it reads: %s', (text) => {
    expect(() => parseFilter(text)).toThrow(AzureFault);
  });

  it('over a field that is not there is refused by name', () => {
    const filter = parseFilter("colour eq 'red'");
    expect(() => matchesFilter(filter, subject)).toThrow("'colour' is not supported");
  });

  it('never fails in any other way, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parseFilter(text);
        } catch (error) {
          expect(error).toBeInstanceOf(AzureFault);
        }
      }),
    );
  });

  it('finds exactly the text it was given, quotes included', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const filter = parseFilter(`name eq '${text.replaceAll("'", "''")}'`);
        expect(matchesFilter(filter, { field: () => text })).toBe(true);
      }),
    );
  });
});
