import fc from 'fast-check';
import {
  formatTarget,
  isUnreadable,
  parseTarget,
  targetKey,
  type Target,
} from '../../../shared/domain/target.ts';
import { SOURCE } from '../../support/domain-samples.ts';
import { anyTarget } from '../../support/any-target.ts';

const GUID = '5eed0000-0000-4000-8000-000000000001';

describe('A target path', () => {
  test.each<[sentence: string, path: string, target: Target]>([
    [
      'that is a service alone means a client certificate under the name of the source',
      'contoso-gw',
      { kind: 'client-certificate', service: 'contoso-gw', id: 'gateway-client' },
    ],
    [
      'may give the id at the target, whose case is kept',
      'contoso-gw/certificates/API-Client',
      { kind: 'client-certificate', service: 'contoso-gw', id: 'API-Client' },
    ],
    [
      'is read without the blanks around it, and its service in lower case',
      '  Contoso-GW/certificates/api \t',
      { kind: 'client-certificate', service: 'contoso-gw', id: 'api' },
    ],
    [
      'may name a workspace',
      'contoso-gw/workspaces/Sales',
      {
        kind: 'workspace-certificate',
        service: 'contoso-gw',
        workspace: 'sales',
        id: 'gateway-client',
      },
    ],
    [
      'may name a workspace and the id in it',
      'contoso-gw/workspaces/sales/certificates/api',
      { kind: 'workspace-certificate', service: 'contoso-gw', workspace: 'sales', id: 'api' },
    ],
    [
      'may name the root store',
      'contoso-gw/ca/Root',
      { kind: 'ca-certificate', service: 'contoso-gw', store: 'Root' },
    ],
    [
      'may name the store of intermediate certificates',
      'contoso-gw/ca/CertificateAuthority',
      { kind: 'ca-certificate', service: 'contoso-gw', store: 'CertificateAuthority' },
    ],
    [
      'may name a custom domain',
      'contoso-gw/hostnames/API.contoso.com',
      { kind: 'hostname', service: 'contoso-gw', hostname: 'api.contoso.com' },
    ],
    [
      'may name a wildcard domain',
      'contoso-gw/hostnames/*.contoso.com',
      { kind: 'hostname', service: 'contoso-gw', hostname: '*.contoso.com' },
    ],
    [
      'may name a self-hosted gateway',
      'contoso-gw/gateways/Plant-7',
      { kind: 'gateway-ca', service: 'contoso-gw', gateway: 'plant-7' },
    ],
    [
      'may name an Entra application',
      `Entra/applications/${GUID.toUpperCase()}`,
      { kind: 'entra-application', appId: GUID },
    ],
    [
      'may name a classic subscription',
      `classic/subscriptions/${GUID}`,
      { kind: 'classic-management', subscriptionId: GUID },
    ],
    [
      'may be a service of one letter',
      'g',
      { kind: 'client-certificate', service: 'g', id: 'gateway-client' },
    ],
    [
      'may hold an id of exactly 80 characters',
      `contoso-gw/certificates/${'x'.repeat(80)}`,
      { kind: 'client-certificate', service: 'contoso-gw', id: 'x'.repeat(80) },
    ],
  ])('%s', (_, path, target) => {
    expect(parseTarget(path, SOURCE)).toEqual(target);
  });

  test.each([
    ['that is empty', '', 'must begin with the name'],
    ['that begins with a slash', '/contoso-gw', 'must begin with the name'],
    ['whose service begins with a digit', '7gw', 'must begin with the name'],
    ['whose service ends with a hyphen', 'contoso-', 'must begin with the name'],
    ['whose service is longer than 50 characters', `g${'w'.repeat(50)}`, 'must begin with'],
    ['that is an address', 'https://contoso-gw.azure-api.net', 'must begin with the name'],
    ['that ends with a slash', 'contoso-gw/', 'expected {service}'],
    ['of a kind nobody knows', 'contoso-gw/things/a', 'expected {service}'],
    ['whose kind has the wrong case', 'contoso-gw/Certificates/a', 'expected {service}'],
    ['with a part too many', 'contoso-gw/certificates/a/b', 'expected {service}'],
    ['without its id', 'contoso-gw/certificates', 'expected {service}'],
    ['whose id is empty', 'contoso-gw/certificates/', '1 to 80 characters'],
    ['whose id holds a blank', 'contoso-gw/certificates/a b', '1 to 80 characters'],
    ['whose id is a wildcard', 'contoso-gw/certificates/*', '1 to 80 characters'],
    ['whose id is longer than 80', `contoso-gw/certificates/${'x'.repeat(81)}`, '1 to 80'],
    ['whose id means another level', 'contoso-gw/certificates/..', '1 to 80 characters'],
    ['whose id means the same level', 'contoso-gw/certificates/.', '1 to 80 characters'],
    ['whose id is half a character', 'contoso-gw/certificates/\ud800', '1 to 80 characters'],
    ['whose workspace means another level', 'contoso-gw/workspaces/..', 'expected {service}'],
    ['whose gateway means another level', 'contoso-gw/gateways/..', 'expected {service}'],
    ['of a workspace without a name', 'contoso-gw/workspaces/', 'expected {service}'],
    ['of a workspace with the wrong rest', 'contoso-gw/workspaces/w/apis/a', 'expected {service}'],
    ['of a CA store of a workspace', 'contoso-gw/workspaces/w/ca/Root', 'CA_STORE_WITHOUT_EFFECT'],
    ['of a store in lower case', 'contoso-gw/ca/root', 'a CA target is written'],
    ['of a domain with one label', 'contoso-gw/hostnames/localhost', 'expected {service}'],
    ['of a domain with a port', 'contoso-gw/hostnames/a.example:443', 'expected {service}'],
    [
      'of an application without a GUID',
      'entra/applications/contoso',
      'an Entra target is written',
    ],
    ['of a service called entra', 'entra', 'an Entra target is written'],
    ['of Entra with the wrong kind', `entra/groups/${GUID}`, 'an Entra target is written'],
    ['of a classic path with more', `classic/subscriptions/${GUID}/a`, 'a classic target is'],
  ])('%s is refused with the reason', (_, path, reason) => {
    const answer = parseTarget(path, SOURCE);
    expect(answer).toMatchObject({ path: path.trim() });
    expect(isUnreadable(answer) && answer.message).toContain(reason);
  });

  test('needs an id when the name of the source is longer than the 80 that fit', () => {
    const long = { vault: 'contoso-kv', name: 'n'.repeat(81) };
    expect(parseTarget('contoso-gw', long)).toMatchObject({
      message: expect.stringContaining('add /certificates/{id}') as string,
    });
    expect(parseTarget('contoso-gw/certificates/n', long)).toMatchObject({ id: 'n' });
    expect(parseTarget('contoso-gw', { ...long, name: 'n'.repeat(80) })).toMatchObject({
      id: 'n'.repeat(80),
    });
  });

  test('that a target is formatted to is read back to the same target', () => {
    fc.assert(
      fc.property(anyTarget, (target) => {
        expect(parseTarget(formatTarget(target), SOURCE)).toEqual(target);
      }),
    );
  });

  test('of any text is read or refused, never thrown at, and reads the same when read again', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .array(fc.constantFrom('contoso-gw', 'certificates', 'ca', 'Root', '..', '', 'entra'))
        .map((parts) => parts.join('/')),
    );
    fc.assert(
      fc.property(text, (path) => {
        const target = parseTarget(path, SOURCE);
        if (isUnreadable(target)) expect(target.message).not.toBe('');
        else expect(parseTarget(formatTarget(target), SOURCE)).toEqual(target);
      }),
    );
  });

  test('never reaches out of its collection when it becomes part of an address', () => {
    fc.assert(
      fc.property(anyTarget, (target) => {
        const path = formatTarget(target)
          .split('/')
          .map((part) => encodeURIComponent(part))
          .join('/');
        expect(new URL(path, 'https://management.azure.com/').pathname).toBe(`/${path}`);
      }),
    );
  });
});

describe('Two targets', () => {
  test('are the same place when they differ in case only', () => {
    const upper: Target = { kind: 'client-certificate', service: 'contoso-gw', id: 'API' };
    expect(targetKey(upper)).toBe(targetKey({ ...upper, id: 'api' }));
  });

  test('of different kinds are never the same place', () => {
    fc.assert(
      fc.property(anyTarget, anyTarget, (one, another) => {
        fc.pre(one.kind !== another.kind);
        expect(targetKey(one)).not.toBe(targetKey(another));
      }),
    );
  });
});
