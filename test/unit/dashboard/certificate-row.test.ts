import type { ProblemCode } from '../../../shared/domain/errors.ts';
import type { ListedCertificate } from '../../../shared/domain/certificate-list.ts';
import { certificateRow } from '../../../shared/report/dashboard/certificate-row.ts';
import { makeBinding, NEW_VERSION, NOW, PROBLEM, SOURCE } from '../../support/domain-samples.ts';

const MANAGER = { maySync: true, mayManage: true };

function rowOf(code: ProblemCode, reader = MANAGER): string {
  const problem = { ...PROBLEM, code };
  const listed: ListedCertificate = {
    record: { source: SOURCE, version: NEW_VERSION, problems: [] },
    bindings: [makeBinding(), makeBinding({ status: 'blocked', problem })],
    status: 'blocked',
  };
  return certificateRow(listed, { reader, now: NOW, operationOf: () => 'sync-1' }).text;
}

describe('A certificate on the dashboard', () => {
  test.each<[ProblemCode, boolean]>([
    ['VERSION_HELD', true],
    ['REFERENCES_WOULD_BREAK', true],
    ['USAGE_UNKNOWN', true],
    ['PERMISSION_MISSING', false],
  ])('with a target that %s keeps can be approved: %s', (code, approved) => {
    expect(rowOf(code).includes('data-act="approve"')).toBe(approved);
  });

  test('is approved in the version that is held, by the operation that held it', () => {
    expect(rowOf('VERSION_HELD').replaceAll(/\s+/g, ' ')).toContain(
      `data-operation="sync-1" data-version="${NEW_VERSION}"`,
    );
  });

  test('is approved by nobody who may not', () => {
    const row = rowOf('VERSION_HELD', { maySync: true, mayManage: false });
    expect(row).toContain('data-act="sync"');
    expect(row).not.toContain('data-act="approve"');
  });
});
