import { TROUBLES } from '../../../../local/seed/fabrikam/troubles.ts';
import { FIRST_FINDINGS } from '../../../../local/seed/fleet.ts';
import { FINDING_CODES } from '../../../../shared/domain/audit/finding-codes.ts';

const FOUND = [...FIRST_FINDINGS, ...TROUBLES.flatMap(({ finds }) => finds)];

// That an audit finds just these is for the test of `npm start`.
test('there is no finding that the seeded fleet does not have', () => {
  const codes = FOUND.map((one) => one.split(' ')[0]);
  expect(FINDING_CODES.filter((code) => !codes.includes(code))).toEqual([]);
});

test('each certificate is waited for by one trouble alone', () => {
  const kept = TROUBLES.flatMap(({ since }) => since?.kept ?? []);
  expect(kept).toEqual([...new Set(kept)]);
});
