import fc from 'fast-check';
import type {
  CertificateReference,
  KnownNamedValue,
  Mention,
  Naming,
  UseDocument,
} from '../../../shared/domain/certificate-use.ts';
import {
  keyOfSource,
  keysOf,
  referencesAt,
  resolveUses,
  type KeyedReference,
} from '../../../shared/domain/resolve-uses.ts';

const SUFFIX = 'vault.azure.net';
const A = 'CA06F56B258B7A0D4F2B05470939478651151984';
const B = 'B0B6F56B258B7A0D4F2B05470939478651151985';
const seal = (plain: string): string => `sha256:of ${plain}`;
const SEALED_A = seal(A);
const ARM =
  '/subscriptions/5eed0000-0000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.ApiManagement/service/contoso-gw';

function mention(naming: Naming, repairable = false): Mention {
  return { at: 'here', naming, repairable };
}
const byId = (text: string): Mention => mention({ kind: 'id', text });
const byThumbprint = (text: string, repairable = false): Mention =>
  mention({ kind: 'thumbprint', text }, repairable);

function policy(path: string, ...mentions: readonly Mention[]): UseDocument {
  return { path, kind: 'policy', readAt: '2026-01-01T00:00:00Z', mentions };
}
const ofService = (...mentions: readonly Mention[]): UseDocument =>
  policy('apis/orders/policies/policy', ...mentions);
const ofWorkspace = (...mentions: readonly Mention[]): UseDocument =>
  policy('workspaces/Team-A/apis/orders/policies/policy', ...mentions);

function namedValue(
  displayName: string,
  value: string | KnownNamedValue['value'],
  prefix = '',
): UseDocument {
  return {
    path: `${prefix}namedValues/some-id`,
    kind: 'named-value',
    readAt: '2026-01-01T00:00:00Z',
    mentions: [],
    namedValue: {
      displayName,
      value: typeof value === 'string' ? { kind: 'known', text: value } : value,
    },
  };
}
const inWorkspace = (displayName: string, value: string | KnownNamedValue['value']): UseDocument =>
  namedValue(displayName, value, 'workspaces/team-a/');

/** The references of policies, one line each: `id||my-cert certain, by id`. */
function resolved(...documents: readonly UseDocument[]): readonly string[] {
  return resolveUses(documents, SUFFIX)
    .filter(({ reference }) => reference.kind !== 'named-value')
    .map(({ key, reference: { by, certainty, via, repairable } }) => {
      const through = via === undefined ? '' : ` via ${via}`;
      return `${key} ${certainty}, by ${by}${through}${repairable ? ', repairable' : ''}`;
    });
}

describe('What a document of the service mentions', () => {
  test.each<[sentence: string, mention: Mention, references: readonly string[]]>([
    ['by id is a certificate of the service', byId('My-Cert'), ['id||my-cert certain, by id']],
    ['by id is read without blanks', byId(' my-cert\n'), ['id||my-cert certain, by id']],
    [
      "by a resource's id is what it leads to",
      byId(`${ARM}/certificates/My-Cert`),
      ['id||my-cert certain, by id'],
    ],
    [
      "by a resource's id may be of a workspace",
      byId(`${ARM}/workspaces/Team-B/certificates/My-Cert`),
      ['id|team-b|my-cert certain, by id'],
    ],
    ['by the end of a resource id', byId('/certificates/my-cert'), ['id||my-cert certain, by id']],
    ['by an id that is empty is nothing', byId(' '), []],
    [
      'by a thumbprint is whatever has it',
      byThumbprint('\u200eca:06:f5:6b:25:8b:7a:0d:4f:2b:05:47:09:39:47:86:51:15:19:84', true),
      [`thumbprint|${A} certain, by thumbprint, repairable`],
    ],
    [
      'by a thumbprint that cannot be repaired',
      byThumbprint(A),
      [`thumbprint|${A} certain, by thumbprint`],
    ],
    ['by what is no thumbprint is nothing', byThumbprint('abc'), []],
    [
      'by an address in Key Vault is the source',
      mention({
        kind: 'key-vault',
        identifier: 'https://Contoso-KV.vault.azure.net/secrets/Gateway/0123',
      }),
      ['source|contoso-kv/gateway certain, by key-vault'],
    ],
    [
      'by an address elsewhere is nothing',
      mention({ kind: 'key-vault', identifier: 'https://kv.example.com/secrets/gateway' }),
      [],
    ],
    [
      'by an expression may be any',
      mention({ kind: 'expression' }),
      ['any| possible, by expression'],
    ],
    ['as a body is none of the service', mention({ kind: 'body' }), []],
    [
      'in what may be data may be meant',
      { ...byThumbprint(A), doubtful: true },
      [`thumbprint|${A} possible, by thumbprint`],
    ],
    [
      'by id in what may be data may be meant',
      { ...byId('a'), doubtful: true },
      ['id||a possible, by id'],
    ],
  ])('%s', (_, mentioned, references) => {
    expect(resolved(ofService(mentioned))).toEqual(references);
  });
});

describe('What a document of a workspace mentions', () => {
  test.each<[sentence: string, mention: Mention, references: readonly string[]]>([
    [
      "by id is the workspace's, and perhaps the service's",
      byId('my-cert'),
      ['id|team-a|my-cert certain, by id', 'id||my-cert possible, by id'],
    ],
    [
      "by the service's resource id is the service's",
      byId(`${ARM}/certificates/my-cert`),
      ['id||my-cert certain, by id'],
    ],
    [
      "by the workspace's resource id is the workspace's",
      byId(`${ARM}/workspaces/team-a/certificates/my-cert`),
      ['id|team-a|my-cert certain, by id'],
    ],
    [
      'by a thumbprint is whatever has it',
      byThumbprint(A, true),
      [`thumbprint|${A} certain, by thumbprint, repairable`],
    ],
    [
      "by an expression may be any of the workspace's and the service's",
      mention({ kind: 'expression' }),
      ['any|team-a possible, by expression', 'any| possible, by expression'],
    ],
  ])('%s', (_, mentioned, references) => {
    expect(resolved(ofWorkspace(mentioned))).toEqual(references);
  });

  test('by an expression is no certificate of another workspace', () => {
    const keyed = resolveUses([ofWorkspace(mention({ kind: 'expression' }))], SUFFIX);
    const other = keysOf(
      { kind: 'workspace-certificate', service: 'gw', workspace: 'team-b', id: 'x' },
      [],
    );
    expect(referencesAt(keyed, other)).toEqual([]);
  });
});

describe('A document that is unreadable', () => {
  test('may name any certificate that it can see, and what was found in it all the same', () => {
    const unreadable = 'It is not well-formed XML: see line 4.';
    expect(resolved({ ...ofService(byId('a')), unreadable })).toEqual([
      'any| possible, by unreadable',
      'id||a certain, by id',
    ]);
    expect(resolved({ ...ofWorkspace(), unreadable })).toEqual([
      'any|team-a possible, by unreadable',
      'any| possible, by unreadable',
    ]);
    expect(resolveUses([{ ...ofService(), unreadable }], SUFFIX)).toMatchObject([
      { reference: { at: unreadable, repairable: false } },
    ]);
  });
});

describe('A named value in a mention', () => {
  const unknown = ['any| possible, by expression via cert'];

  test.each<[sentence: string, documents: readonly UseDocument[], references: readonly string[]]>([
    [
      'is put in',
      [ofService(byId('{{cert}}')), namedValue('cert', 'my-cert')],
      ['id||my-cert certain, by id via cert'],
    ],
    [
      'is put in as a thumbprint, which cannot be repaired there',
      [ofService(byThumbprint('{{ cert }}', true)), namedValue('cert', A.toLowerCase())],
      [`thumbprint|${A} certain, by thumbprint via cert`],
    ],
    [
      'is put together with others and with text',
      [ofService(byId('a-{{b}}{{c}}.d')), namedValue('b', 'B'), namedValue('c', 'C')],
      ['id||a-bc.d certain, by id via b, c'],
    ],
    [
      'is put in twice',
      [ofService(byId('{{b}}{{b}}')), namedValue('b', 'B')],
      ['id||bb certain, by id via b'],
    ],
    [
      'is found by its display name, however that is written',
      [ofService(byId('{{CERT}}')), namedValue('Cert', 'my-cert')],
      ['id||my-cert certain, by id via Cert'],
    ],
    [
      'is rather the one that is written the same',
      [ofService(byId('{{cert}}')), namedValue('CERT', 'a'), namedValue('cert', 'b')],
      ['id||b certain, by id via cert'],
    ],
    [
      'may be any when several are alike',
      [ofService(byId('{{cert}}')), namedValue('CERT', 'a'), namedValue('Cert', 'b')],
      unknown,
    ],
    [
      'may be any when several are the same',
      [ofService(byId('{{cert}}')), namedValue('cert', 'a'), namedValue('cert', 'b')],
      unknown,
    ],
    [
      'may be any when it is hidden',
      [ofService(byThumbprint('{{cert}}')), namedValue('cert', { kind: 'hidden' })],
      unknown,
    ],
    ['may be any when it is missing', [ofService(byId('{{cert}}'))], unknown],
    [
      'names none when it is something else',
      [ofService(byId('{{cert}}')), namedValue('cert', { kind: 'other' })],
      [],
    ],
    [
      'may be any when something else is a part of it',
      [ofService(byId('{{cert}}-a')), namedValue('cert', { kind: 'other' })],
      unknown,
    ],
    [
      'may be any when one part is hidden',
      [ofService(byId('{{a}}{{b}}')), namedValue('a', 'x'), namedValue('b', { kind: 'hidden' })],
      ['any| possible, by expression via a, b'],
    ],
    [
      'names none when an id stands where a thumbprint does',
      [ofService(byThumbprint('{{cert}}')), namedValue('cert', 'my-cert')],
      [],
    ],
    [
      'is none of another workspace, nor does the service see one of a workspace',
      [
        ofService(byId('{{cert}}')),
        inWorkspace('cert', 'a'),
        namedValue('cert', 'b', 'workspaces/team-b/'),
      ],
      unknown,
    ],
    [
      "of the workspace is put in before the service's",
      [ofWorkspace(byThumbprint('{{cert}}')), inWorkspace('CERT', A), namedValue('cert', B)],
      [`thumbprint|${A} certain, by thumbprint via CERT`],
    ],
    [
      'of the service may be meant in a workspace that has none',
      [ofWorkspace(byThumbprint('{{cert}}')), namedValue('cert', B)],
      [`thumbprint|${B} possible, by thumbprint via cert`],
    ],
    [
      'of the service may be meant as a part',
      [ofWorkspace(byId('{{a}}{{b}}')), inWorkspace('a', 'x'), namedValue('b', 'y')],
      ['id|team-a|xy possible, by id via a, b', 'id||xy possible, by id via a, b'],
    ],
    [
      'of the service is some text, which may be the id of a certificate of the workspace',
      [ofWorkspace(byId('{{cert}}')), namedValue('cert', { kind: 'other' })],
      ['any|team-a possible, by expression via cert', 'any| possible, by expression via cert'],
    ],
    [
      'of the service is some text, which is a thumbprint nowhere',
      [ofWorkspace(byThumbprint('{{cert}}')), namedValue('cert', { kind: 'other' })],
      [],
    ],
    [
      "of the workspace is some text, and none of the workspace's or the service's ids",
      [ofWorkspace(byId('{{cert}}')), inWorkspace('cert', { kind: 'other' })],
      [],
    ],
    [
      'is the id of a resource',
      [
        ofWorkspace(byId('{{a}}'), byId('{{b}}')),
        inWorkspace('a', `${ARM}/certificates/My-Cert`),
        namedValue('b', `${ARM}/workspaces/team-a/certificates/my-cert`),
      ],
      ['id||my-cert certain, by id via a', 'id|team-a|my-cert possible, by id via b'],
    ],
    [
      'is a sealed thumbprint, and no id where it is itself',
      [ofService(byId('{{cert}}')), namedValue('cert', SEALED_A)],
      [],
    ],
    [
      'is a sealed thumbprint, which may be the id of a certificate elsewhere',
      [ofWorkspace(byId('{{cert}}')), namedValue('cert', SEALED_A)],
      ['any|team-a possible, by expression via cert', 'any| possible, by expression via cert'],
    ],
    [
      'may be any when a sealed thumbprint is a part of it',
      [ofService(byId('a{{cert}}')), namedValue('cert', SEALED_A)],
      unknown,
    ],
    [
      'may be any of both when a workspace has none and the service neither',
      [ofWorkspace(byId('{{cert}}'))],
      ['any|team-a possible, by expression via cert', 'any| possible, by expression via cert'],
    ],
    [
      'is none when its braces are open',
      [ofService(byId('{{cert')), namedValue('cert', 'a')],
      ['id||{{cert certain, by id'],
    ],
  ])('%s', (_, documents, references) => {
    expect(resolved(...documents)).toEqual(references);
    expect(resolved(...documents.toReversed())).toEqual(references);
  });
});

describe('A named value itself', () => {
  const own = (document: UseDocument): readonly KeyedReference[] => resolveUses([document], SUFFIX);

  test('refers to what has its thumbprint, whoever mentions it', () => {
    const reference: CertificateReference = {
      document: 'namedValues/some-id',
      kind: 'named-value',
      at: 'value',
      by: 'thumbprint',
      certainty: 'certain',
      repairable: true,
    };
    const key = `thumbprint|${A}`;
    expect(own(namedValue('cert', A))).toEqual([{ key, reference }]);
    expect(own(namedValue('cert', A.toLowerCase()))).toEqual([{ key, reference }]);
    const decorated = { kind: 'known', text: A, decorated: true } as const;
    expect(own(namedValue('cert', decorated))).toEqual([
      { key, reference: { ...reference, repairable: false } },
    ]);
  });

  test('refers to it once, though its value mentions it too', () => {
    const document = { ...namedValue('cert', A), mentions: [byThumbprint(A), byThumbprint(B)] };
    expect(own(document).map(({ key }) => key)).toEqual([`thumbprint|${A}`, `thumbprint|${B}`]);
  });

  test('refers to nothing by an id, by something else or when it is hidden', () => {
    expect(own(namedValue('cert', 'my-cert'))).toEqual([]);
    expect(own(namedValue('cert', { kind: 'other' }))).toEqual([]);
    expect(own(namedValue('cert', { kind: 'hidden' }))).toEqual([]);
  });

  test('that reads Key Vault refers to the source', () => {
    const identifier = 'https://kv1.vault.azure.net/secrets/gateway';
    const document = {
      ...namedValue('cert', { kind: 'hidden' }),
      mentions: [mention({ kind: 'key-vault', identifier })],
    };
    expect(own(document).map(({ key }) => key)).toEqual([
      keyOfSource({ vault: 'kv1', name: 'gateway' }),
    ]);
  });
});

describe('The keys of a certificate', () => {
  test('are its id, its thumbprints and whatever may name any', () => {
    expect(
      keysOf({ kind: 'client-certificate', service: 'gw', id: 'My-Cert' }, [
        A.toLowerCase(),
        B,
        A,
        'none',
      ]),
    ).toEqual(['id||my-cert', `thumbprint|${A}`, `thumbprint|${B}`, 'any|']);
  });

  test('of a workspace are told apart from those of the service', () => {
    expect(
      keysOf({ kind: 'workspace-certificate', service: 'gw', workspace: 'Team-A', id: 'My-Cert' }, [
        A,
      ]),
    ).toEqual(['id|team-a|my-cert', `thumbprint|${A}`, 'any|team-a']);
  });
});

describe('A thumbprint that is sealed', () => {
  test('is found like one that is not', () => {
    const documents = [
      ofService(byThumbprint(SEALED_A, true), byThumbprint(B)),
      namedValue('cert', SEALED_A),
    ];
    const keyed = resolveUses(documents, SUFFIX, seal);
    const target = { kind: 'client-certificate', service: 'gw', id: 'x' } as const;
    const at = (thumbprint: string): readonly string[] =>
      referencesAt(keyed, keysOf(target, [thumbprint], seal)).map(({ document }) => document);
    expect(at(A.toLowerCase())).toEqual(['apis/orders/policies/policy', 'namedValues/some-id']);
    expect(at(B)).toEqual(['apis/orders/policies/policy']);
    expect(JSON.stringify(keyed.map(({ key }) => key))).not.toContain(`|${A}`);
  });
});

describe('The references at keys', () => {
  test('are told once, the sure ones first, else in their order', () => {
    const documents = [
      ofService(mention({ kind: 'expression' })),
      policy('b/policies/policy', byThumbprint(A), byId('my-cert')),
      policy('a/policies/policy', byId('my-cert'), byId('MY-CERT')),
      ofWorkspace(byId('my-cert')),
    ];
    const keys = keysOf({ kind: 'client-certificate', service: 'gw', id: 'my-cert' }, [A]);
    expect(
      referencesAt(resolveUses(documents, SUFFIX), keys).map(
        ({ document, by, certainty }) => `${document} ${by} ${certainty}`,
      ),
    ).toEqual([
      'b/policies/policy thumbprint certain',
      'b/policies/policy id certain',
      'a/policies/policy id certain',
      'apis/orders/policies/policy expression possible',
      'workspaces/Team-A/apis/orders/policies/policy id possible',
    ]);
  });

  test('are none where nothing is asked for', () => {
    expect(referencesAt(resolveUses([ofService(byId('a'))], SUFFIX), [])).toEqual([]);
  });
});

describe('Whatever the documents say', () => {
  const text = fc.oneof(
    fc.constantFrom(
      'a',
      'B',
      A,
      B.toLowerCase(),
      `${ARM}/certificates/a`,
      '{{x}}',
      '{{y}}-{{X}}',
      '{{}}',
      '',
    ),
    fc.string({ maxLength: 5 }),
  );
  const naming: fc.Arbitrary<Naming> = fc.oneof(
    text.map((written): Naming => ({ kind: 'id', text: written })),
    text.map((written): Naming => ({ kind: 'thumbprint', text: written })),
    fc.constantFrom<Naming>(
      { kind: 'body' },
      { kind: 'expression' },
      { kind: 'key-vault', identifier: 'https://kv1.vault.azure.net/secrets/a' },
    ),
  );
  const mentions = fc.array(
    fc.tuple(naming, fc.boolean()).map(([named, repairable]) => mention(named, repairable)),
    { maxLength: 3 },
  );
  const prefix = fc.constantFrom('', 'workspaces/a/', 'workspaces/b/');
  const anyPolicy = fc
    .tuple(
      prefix,
      fc.constantFrom('x', 'y', 'z'),
      mentions,
      fc.option(fc.constant('It is empty.'), { nil: undefined }),
    )
    .map(([before, name, mentioned, unreadable]): UseDocument => ({
      ...policy(`${before}apis/${name}/policies/policy`, ...mentioned),
      ...(unreadable === undefined ? {} : { unreadable }),
    }));
  const value = fc.oneof(
    text.map((known): KnownNamedValue['value'] => ({ kind: 'known', text: known })),
    fc.constantFrom<KnownNamedValue['value']>({ kind: 'other' }, { kind: 'hidden' }),
  );
  const anyNamedValue = fc
    .tuple(prefix, fc.constantFrom('x', 'X', 'y'), value)
    .map(([before, name, of]) => namedValue(name, of, before));
  const anyDocuments = fc.array(fc.oneof(anyPolicy, anyNamedValue), { maxLength: 6 });
  const lines = (documents: readonly UseDocument[]): readonly string[] =>
    resolveUses(documents, SUFFIX).map((keyed) => JSON.stringify(keyed));

  test('another document takes no reference away, unless it is a named value', () => {
    fc.assert(
      fc.property(anyDocuments, anyPolicy, fc.nat(6), (documents, another, at) => {
        expect(lines(documents.toSpliced(at, 0, another))).toEqual(
          expect.arrayContaining([...lines(documents)]),
        );
      }),
    );
  });

  test('another named value takes the certificate that was meant from no document but one that mentions it', () => {
    fc.assert(
      fc.property(anyDocuments, anyNamedValue, (documents, another) => {
        const name = another.namedValue?.displayName.toLowerCase() ?? '';
        const others = documents.filter(
          (document) => !JSON.stringify(document.mentions).toLowerCase().includes(`{{${name}}}`),
        );
        expect(lines([...others, another])).toEqual(expect.arrayContaining([...lines(others)]));
      }),
    );
  });

  test('the order of the documents changes the order of references only', () => {
    fc.assert(
      fc.property(anyDocuments, (documents) => {
        expect(lines(documents.toReversed()).toSorted()).toEqual(lines(documents).toSorted());
      }),
    );
  });

  test('a reference is never surer through a named value of the service in a workspace', () => {
    fc.assert(
      fc.property(anyDocuments, (documents) => {
        const service = documents.filter(({ path }) => !path.startsWith('workspaces/'));
        const workspace = documents.filter(
          ({ path, kind }) => path.startsWith('workspaces/') && kind === 'policy',
        );
        for (const { reference } of resolveUses([...service, ...workspace], SUFFIX)) {
          if (!reference.document.startsWith('workspaces/') || reference.via === undefined)
            continue;
          expect(reference.certainty).toBe('possible');
        }
      }),
    );
  });

  test('only a thumbprint that stands there itself can be repaired', () => {
    fc.assert(
      fc.property(anyDocuments, (documents) => {
        for (const { key, reference } of resolveUses(documents, SUFFIX)) {
          if (!reference.repairable) continue;
          expect(reference).toMatchObject({ by: 'thumbprint', certainty: 'certain' });
          expect(reference.via).toBeUndefined();
          expect(key).toMatch(/^thumbprint\|[0-9A-F]{40}$/);
        }
      }),
    );
  });
});
