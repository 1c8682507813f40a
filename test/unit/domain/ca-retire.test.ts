import {
  EMPTY_CA_RECORD,
  retire,
  withDone,
  type CaDone,
  type CaRecord,
} from '../../../shared/domain/ca-record.ts';
import { SOURCE } from '../../support/domain-samples.ts';

const OVER = '2026-07-01T00:00:00.000Z';
const NOW = '2026-07-02T00:00:00.000Z';
const RECORD: CaRecord = {
  ...EMPTY_CA_RECORD,
  held: [
    {
      thumbprint: 'A'.repeat(40),
      store: 'Root',
      subject: 'CN=old-root',
      holders: [{ kind: 'source', source: SOURCE, at: '2026-06-01T00:00:00.000Z', until: OVER }],
    },
  ],
};

/** The record after its removal has come to an end. */
function ended(outcome: 'refused' | 'failed'): CaRecord {
  const { waiting, ...rest } = retire(RECORD, NOW);
  const done = waiting.map((change) => ({ change, outcome, at: NOW }));
  return withDone({ ...rest, waiting: [] }, done);
}

describe('An entry whose overlap is over', () => {
  test('is to be removed, once', () => {
    const next = retire(RECORD, NOW);
    expect(next.waiting).toMatchObject([{ kind: 'remove', store: 'Root' }]);
    expect(retire(next, NOW).waiting).toHaveLength(1);
  });

  test.each(['refused', 'failed'] as const)(
    'is not asked for again at once when its removal was %s, but a day later',
    (outcome) => {
      const record = ended(outcome);
      expect(retire(record, '2026-07-02T12:00:00.000Z').waiting).toEqual([]);
      expect(retire(record, '2026-07-03T00:00:00.000Z').waiting).toHaveLength(1);
    },
  );

  test('is not asked for again at once, however much came to nothing besides', () => {
    const record = ended('failed');
    const others = Array.from({ length: 40 }, (_, number): CaDone => {
      const entry = { store: 'Root', thumbprint: String(number), subject: '' } as const;
      const change = { ...entry, kind: 'add', by: { kind: 'platform' }, at: NOW } as const;
      return { change: { ...change, id: String(number) }, outcome: 'refused', at: NOW };
    });
    const next = withDone(record, others);
    expect(next.done.some(({ change }) => change.kind === 'remove')).toBe(false);
    expect(retire(next, '2026-07-02T12:00:00.000Z').waiting).toEqual([]);
  });
});
