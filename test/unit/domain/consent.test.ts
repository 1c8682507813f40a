import fc from 'fast-check';
import { consents, parseConsent } from '../../../shared/domain/consent.ts';
import { formatTarget, isUnreadable, parseTarget } from '../../../shared/domain/target.ts';
import { SOURCE } from '../../support/domain-samples.ts';
import { anySource, anyTarget } from '../../support/any-target.ts';

const APP = 'entra/applications/5eed0000-0000-4000-8000-000000000001';
const CLIENT = { kind: 'client-certificate', service: 'gw', id: 'x' } as const;
const CLASSIC = 'classic/subscriptions/5eed0000-0000-4000-8000-000000000001';

function allows(setting: string, path: string): boolean {
  const { rules, errors } = parseConsent(setting);
  const target = parseTarget(path, SOURCE);
  if (errors.length > 0 || isUnreadable(target)) throw new Error('the row itself is wrong');
  return consents(rules, SOURCE, target);
}

describe('CERTKEEPER_ALLOW', () => {
  test.each([
    ['nothing, when it is empty', '', 'contoso-gw', false],
    ['what a rule names', 'contoso-kv/gateway-client => contoso-gw', 'contoso-gw', true],
    ['no other service', 'contoso-kv/gateway-client => contoso-gw', 'contoso-eu-gw', false],
    ['no other source', 'contoso-kv/partner-mtls => contoso-gw', 'contoso-gw', false],
    ['no other vault', 'other-kv/gateway-client => contoso-gw', 'contoso-gw', false],
    [
      'any id when the service stands alone',
      '*/* => contoso-gw',
      'contoso-gw/certificates/x',
      true,
    ],
    ['one id when the path is given', '*/* => contoso-gw/certificates/x', 'contoso-gw', false],
    ['sources by pattern', 'contoso-*/gate*-cli*t => contoso-gw', 'contoso-gw', true],
    ['targets by pattern', 'contoso-kv/* => contoso-*', 'contoso-eu-gw', true],
    ['any target by a lone star', '*/* => *', 'contoso-gw', true],
    ['the second target of a rule', '*/* => contoso-eu-gw, contoso-gw', 'contoso-gw', true],
    ['by a later rule', 'a-kv/b => c; */* => contoso-gw', 'contoso-gw', true],
    ['by a rule on its own line', 'a-kv/b => c\n*/* => contoso-gw', 'contoso-gw', true],
    ['without regard to case', 'CONTOSO-kv/* => Contoso-GW', 'contoso-gw', true],
    ['no workspace by a service alone', '*/* => contoso-gw', 'contoso-gw/workspaces/w', false],
    [
      'a workspace by its short path',
      '*/* => contoso-gw/workspaces/w',
      'contoso-gw/workspaces/w',
      true,
    ],
    [
      'a workspace by its full path',
      '*/* => contoso-gw/workspaces/w/certificates/*',
      'contoso-gw/workspaces/w',
      true,
    ],
    ['no CA store by a star', '*/* => contoso-gw/ca/*', 'contoso-gw/ca/Root', false],
    ['no CA store by a star as service', '*/* => */ca/root', 'contoso-gw/ca/Root', false],
    ['a CA store by its name', '*/* => contoso-gw/ca/Root', 'contoso-gw/ca/Root', true],
    ['no domain by a star', '*/* => */hostnames/*', 'contoso-gw/hostnames/a.example', false],
    [
      'no gateway by a rule for certificates',
      '*/* => */certificates/*',
      'contoso-gw/gateways/g',
      false,
    ],
    [
      'no domain by a wildcard that stands for itself only',
      '*/* => contoso-gw/hostnames/*.contoso.com',
      'contoso-gw/hostnames/api.contoso.com',
      false,
    ],
    [
      'a wildcard domain by its very name',
      '*/* => contoso-gw/hostnames/*.contoso.com',
      'contoso-gw/hostnames/*.contoso.com',
      true,
    ],
    ['no application by a star', '*/* => entra/applications/*', APP, false],
    ['an application by its id', `*/* => ${APP}`, APP, true],
    [
      'no classic subscription by a star',
      '*/* => *, */certificates/*, classic/subscriptions/*',
      CLASSIC,
      false,
    ],
    ['a classic subscription by its id', `*/* => ${CLASSIC}`, CLASSIC, true],
  ])('allows %s', (_, setting, path, allowed) => {
    expect(allows(setting, path)).toBe(allowed);
  });

  test.each([
    ['has no arrow', 'contoso-kv/a contoso-gw', 'rule 1 is not written'],
    ['has two arrows', 'contoso-kv/a => b => c', 'rule 1 is not written'],
    ['has a source without a name', 'contoso-kv => contoso-gw', 'rule 1 does not begin'],
    ['has a source with too many parts', 'contoso-kv/a/b => contoso-gw', 'rule 1 does not begin'],
    ['has an empty source', ' => contoso-gw', 'rule 1 does not begin'],
    ['names no target', 'contoso-kv/a =>', 'rule 1 names a target that is no path'],
    ['ends with a comma', 'contoso-kv/a => gw,', 'rule 1 names a target that is no path'],
    ['holds a blank in a path', 'contoso-kv/a => g w', 'rule 1 names a target that is no path'],
    [
      'leaves the kind to a star',
      'contoso-kv/a => gw/*/*',
      'rule 1 names a target that is no path',
    ],
    [
      'leaves half of the path away',
      'contoso-kv/a => gw/*',
      'rule 1 names a target that is no path',
    ],
    ['is the second one', '*/* => a; nonsense', 'rule 2 is not written'],
  ])('names the rule that %s', (_, setting, error) => {
    const { errors } = parseConsent(setting);
    expect(errors).toEqual([expect.stringContaining(error)]);
  });

  test('names every bad rule, and says nothing of what it holds', () => {
    const { rules, errors } = parseConsent('secret-one; a-kv/b => gw; sec/ret/two => gw; =>');
    expect(errors.map((error) => error.slice(0, 6))).toEqual(['rule 1', 'rule 3', 'rule 4']);
    expect(errors.join()).not.toMatch(/secret|ret/);
    expect(rules).toEqual([{ source: 'a-kv/b', target: 'gw/certificates/*' }]);
  });

  test('matches as a plain recursive definition of its patterns does', () => {
    const piece = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 4 });
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '*', '/'), maxLength: 8 });
    // Texts that a pattern may well match: its stars filled in, some of them with a slash.
    const filling = fc.array(fc.oneof(piece, piece, fc.constant('a/b')), {
      minLength: 8,
      maxLength: 8,
    });
    fc.assert(
      fc.property(pattern, pattern, filling, (vault, name, fill) => {
        const rule = `${vault}/${name}`;
        let stars = 0;
        const filled = (text: string) =>
          text.replaceAll('*', () => fill[(stars += 1) % fill.length] ?? '');
        const source = { vault: filled(vault), name: filled(name).slice(0, 7) };
        expect(consents([{ source: rule, target: '*/*/*' }], source, CLIENT)).toBe(
          matchesSlowly(rule, `${source.vault}/${source.name}`),
        );
      }),
      { numRuns: 3_000 },
    );
  });

  test('matches whatever its stars are filled with inside a part', () => {
    const piece = fc.string({ unit: fc.constantFrom('a', 'b', '-'), maxLength: 4 });
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 5 }), piece, (pieces, fill) => {
        const rules = [{ source: `${pieces.join('*')}/n`, target: '*/*/*' }];
        expect(consents(rules, { vault: pieces.join(fill), name: 'n' }, CLIENT)).toBe(
          pieces.length > 1 || pieces[0] === pieces.join(fill),
        );
      }),
    );
  });

  test('never lets a star reach over a slash', () => {
    fc.assert(
      fc.property(anySource, anyTarget, fc.nat(), (source, target, seed) => {
        const path = formatTarget(target);
        const parts = path.split('/');
        // Some neighbours are melted into one star: whatever stood there, the slash is missing.
        const at = seed % (parts.length - 1);
        const melted = [...parts.slice(0, at), '*', ...parts.slice(at + 2)].join('/').toLowerCase();
        expect(consents([{ source: '*/*', target: melted }], source, target)).toBe(false);
        expect(consents([{ source: '*', target: path.toLowerCase() }], source, target)).toBe(false);
      }),
    );
  });

  test('lets nothing but its own name open a CA store, a domain, an application', () => {
    const reachesFar = anyTarget.filter(({ kind }) =>
      ['ca-certificate', 'hostname', 'entra-application', 'classic-management'].includes(kind),
    );
    fc.assert(
      fc.property(anySource, reachesFar, fc.nat(), (source, target, seed) => {
        const parts = formatTarget(target).toLowerCase().split('/');
        const own = parts.join('/');
        const starred = parts.map((part, at) => (at === seed % parts.length ? '*' : part));
        const rule = (text: string) => [{ source: '*/*', target: text }];
        expect(consents(rule(starred.join('/')), source, target)).toBe(false);
        expect(consents(rule('*/*/*'), source, target)).toBe(false);
        expect(consents(rule(own), source, target)).toBe(true);
      }),
    );
  });

  test('is quick on a pattern made to be slow', () => {
    const rules = [{ source: `${'*a'.repeat(2_000)}b/*`, target: '*/*/*' }];
    const source = { vault: 'a'.repeat(20_000), name: 'n' };
    expect(consents(rules, source, { kind: 'client-certificate', service: 'g', id: 'x' })).toBe(
      false,
    );
  });
});

/** The definition: a star takes nothing, or one character that is no slash and stays. */
function matchesSlowly(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  if (pattern.startsWith('*')) {
    return (
      matchesSlowly(pattern.slice(1), text) ||
      (text !== '' && !text.startsWith('/') && matchesSlowly(pattern, text.slice(1)))
    );
  }
  return (
    text !== '' &&
    text.startsWith(pattern.charAt(0)) &&
    matchesSlowly(pattern.slice(1), text.slice(1))
  );
}
