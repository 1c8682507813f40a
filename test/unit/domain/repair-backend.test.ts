import fc from 'fast-check';
import type { BackendCertificates } from '../../../shared/domain/repair.ts';
import { planBackend } from '../../../shared/domain/repair-backend.ts';

const FROM = 'B'.repeat(40);
const OTHER = 'C'.repeat(40);
const STRANGE = 'D'.repeat(40);
const ids = new Map([
  [FROM, '/certificates/ours'],
  [OTHER, '/certificates/other'],
]);
const plan = (before: BackendCertificates) => planBackend(before, FROM, (one) => ids.get(one));
const backend = (more: Partial<BackendCertificates>): BackendCertificates => ({
  thumbprints: [],
  ids: [],
  ...more,
});

describe('A backend that names certificates by thumbprint', () => {
  test.each<[sentence: string, before: BackendCertificates, after: BackendCertificates]>([
    ['by one', backend({ thumbprints: [FROM] }), backend({ ids: ['/certificates/ours'] })],
    [
      'by several that there are',
      backend({ thumbprints: [OTHER, `${FROM.toLowerCase()} `] }),
      backend({ ids: ['/certificates/other', '/certificates/ours'] }),
    ],
    [
      'of a cluster',
      backend({ cluster: { thumbprint: FROM } }),
      backend({ cluster: { id: '/certificates/ours' } }),
    ],
    [
      'twice by the same',
      backend({ thumbprints: [FROM, FROM] }),
      backend({ ids: ['/certificates/ours'] }),
    ],
  ])('%s names them by their ids then', (_, before, after) => {
    expect(plan(before)).toEqual({ kind: 'rewrite', after });
  });

  test.each<[sentence: string, before: BackendCertificates]>([
    ['names others only', backend({ thumbprints: [OTHER] })],
    ['names none', backend({})],
    ['names ids beside it, and so ignores it', backend({ thumbprints: [FROM], ids: ['x'] })],
    ['is a cluster with an id beside it', backend({ cluster: { thumbprint: FROM, id: 'x' } })],
    ['is a cluster with another', backend({ cluster: { thumbprint: OTHER } })],
  ])('is left alone when it %s', (_, before) => {
    expect(plan(before)).toEqual({ kind: 'nothing' });
  });

  test.each([STRANGE, '{{a-named-value}}', '@(context)'])(
    'is refused when %s beside it would be ignored from then on',
    (beside) => {
      expect(plan(backend({ thumbprints: [FROM, beside] }))).toMatchObject({ kind: 'refused' });
    },
  );

  test('never loses a certificate, and needs nothing more once it is rewritten', () => {
    const text = fc.constantFrom(FROM, OTHER, STRANGE, FROM.toLowerCase());
    fc.assert(
      fc.property(fc.array(text, { maxLength: 5 }), (thumbprints) => {
        const planned = plan(backend({ thumbprints }));
        if (planned.kind !== 'rewrite') return;
        const wanted = new Set(thumbprints.map((one) => ids.get(one.toUpperCase())));
        expect(new Set(planned.after.ids)).toEqual(wanted);
        expect(plan(planned.after)).toEqual({ kind: 'nothing' });
      }),
    );
  });
});
