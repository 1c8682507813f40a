import pc from 'picocolors';
import type { ApiCaStore, ApiCaUploaded } from '../../../cli/api.ts';
import { formatCaOperation, formatCaStore, formatCaUploaded } from '../../../cli/show/ca.ts';
import { formatOperation } from '../../../cli/show/operation.ts';

const NOW = Date.parse('2026-11-21T10:00:00.000Z');
const PLAIN = { colors: pc.createColors(false), columns: 80 };
const CHANGE = {
  ...{ change: 'add', store: 'Root', thumbprint: 'AB12'.padEnd(40, '0') },
  subject: `O=${'Contoso Public Trust Services '.repeat(4)}, CN=Root`,
};
const PROBLEM = {
  code: 'CA_ENTRIES_UNKNOWN',
  message: 'A long sentence. '.repeat(12),
  cure: 'Add it.',
};
const STORE: ApiCaStore = {
  ...{ service: 'contoso-gw', limit: 10, problems: [], waiting: [], recent: [] },
  entries: [
    {
      ...{ store: 'Root', thumbprint: CHANGE.thumbprint, subject: 'CN=Root', known: true },
      expiresAt: '2027-11-21T10:00:00.000Z',
      heldFor: [{ kind: 'hand' }, { kind: 'source', source: 'contoso-kv/root' }],
    },
    { store: 'Root', thumbprint: 'F'.repeat(40), subject: '', known: false, heldFor: [] },
  ],
};

describe('The CA certificates of a service', () => {
  test('show each in full, with what it is there for and whether there is a copy', () => {
    const shown = formatCaStore(STORE, PLAIN, NOW);
    expect(shown).toContain('contoso-gw holds 2 of at most 10 CA certificates.');
    expect(shown).toContain(`    Root/${CHANGE.thumbprint}`);
    expect(shown).toContain('2027-11-21, in 365 days; for an upload, contoso-kv/root');
    expect(shown).toContain('  without a name');
    expect(shown).toContain('Of one of them Certkeeper has no copy');
  });

  test('show what is on its way, what waits and what came of it', () => {
    const shown = formatCaStore(
      {
        ...STORE,
        waiting: [
          { ...CHANGE, waitsFor: PROBLEM },
          { ...CHANGE, waitsFor: PROBLEM },
        ],
        update: { since: '2026-11-21T09:58:00.000Z', changes: [CHANGE] },
        recent: [
          { ...CHANGE, outcome: 'refused', endedAt: '2026-11-21T09:00:00.000Z', problem: PROBLEM },
        ],
        problems: [PROBLEM],
      },
      PLAIN,
      NOW,
    );
    expect(shown).toContain('Being updated since 2026-11-21 09:58:00 UTC:');
    expect(shown).toContain('Waiting for the next update:');
    expect(shown.match(/Some of it waits until something else is changed:/g)).toHaveLength(1);
    expect(shown).toContain('2026-11-21 09:00  refused Root/AB120000…');
    expect(shown.split('\n').filter((line) => line.length > 82)).toEqual([]);
  });
});

test('An upload shows each certificate and fits a terminal', () => {
  const uploaded: ApiCaUploaded = {
    ...{ service: 'contoso-gw', estimate: 'usually 15 to 45 minutes', repeated: 1, warnings: [] },
    entries: [
      { ...CHANGE, expiresAt: '2027-11-21T10:00:00.000Z', outcome: 'queued', warnings: [PROBLEM] },
    ],
  };
  const shown = formatCaUploaded(uploaded, PLAIN, NOW);
  expect(shown).toContain('and 1 of them once more');
  expect(shown).toContain('The update of contoso-gw: usually 15 to 45 minutes.');
  expect(shown.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

test('An update that is over shows each change, and what is in the way once', () => {
  const operation = {
    ...{ id: 'ca-1', state: 'blocked', step: 'Done', service: 'contoso-gw', problems: [PROBLEM] },
    changes: [{ ...CHANGE, outcome: 'refused' }],
  };
  const shown = formatCaOperation(operation, PLAIN);
  expect(shown).toBe(formatOperation(operation, PLAIN));
  expect(shown).toContain(
    'contoso-gw: blocked.\nSomebody has to change something; then ask again.',
  );
  expect(shown.split('\n').filter((line) => line.length > 80)).toEqual([]);
});
