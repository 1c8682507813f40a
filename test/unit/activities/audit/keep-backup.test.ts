import { makeKeepBackup } from '../../../../functions/activities/audit/keep-backup.ts';
import type { WrittenBackup } from '../../../../shared/domain/backup-ports.ts';
import { TerminalError, TransientError } from '../../../../shared/domain/errors.ts';
import { report, told } from '../../../support/audit/make-facts.ts';

const AUDIT = '20261128T020000Z-000001';
const AT = '2026-11-28T02:00:00.000Z';
const WHOLE: WrittenBackup = { rows: 3, unreadable: { count: 0, some: [] } };
const PROBLEM = { code: 'AZURE_UNAVAILABLE', message: 'The storage does not answer.' } as const;

function world(write: jest.Mock<Promise<WrittenBackup>>) {
  const pause = jest.fn(async () => undefined);
  return { pause, keep: makeKeepBackup({ backups: { write }, version: '0.1.0', pause }) };
}

describe('The backup of an audit', () => {
  test('is written under its id, with the version that wrote it', async () => {
    const write = jest.fn(async () => WHOLE);
    await expect(world(write).keep(AUDIT, AT)).resolves.toBeUndefined();
    expect(write).toHaveBeenCalledWith({ id: AUDIT, at: AT, certkeeper: '0.1.0' });
  });

  test('is tried three times while the storage is busy', async () => {
    const write = jest
      .fn<Promise<WrittenBackup>, []>()
      .mockRejectedValueOnce(new TransientError(PROBLEM))
      .mockRejectedValueOnce(new TransientError(PROBLEM))
      .mockResolvedValueOnce(WHOLE);
    const { keep, pause } = world(write);
    await expect(keep(AUDIT, AT)).resolves.toBeUndefined();
    expect(pause).toHaveBeenCalledTimes(2);
  });

  test('keeps no audit from its end when it cannot be written', async () => {
    const failing = (error: Error) => jest.fn(async () => Promise.reject(error));
    const busy = world(failing(new TransientError(PROBLEM)));
    await expect(busy.keep(AUDIT, AT)).resolves.toEqual(PROBLEM);
    const refused = world(failing(new TerminalError(PROBLEM)));
    await expect(refused.keep(AUDIT, AT)).resolves.toEqual(PROBLEM);
    expect(refused.pause).not.toHaveBeenCalled();
  });

  test('says which rows it lacks', async () => {
    const lacking = { rows: 3, unreadable: { count: 2, some: ['a b', 'c d'] } };
    const { keep } = world(jest.fn(async () => lacking));
    await expect(keep(AUDIT, AT)).resolves.toMatchObject({
      ...{ code: 'RECORD_UNREADABLE', message: expect.stringContaining('2 rows') as string },
    });
  });
});

describe('A report', () => {
  test('finds that there is no backup of its audit, and why', () => {
    const made = report({ noBackup: PROBLEM });
    expect(told(made)).toEqual(['BACKUP_FAILED certkeeper']);
    expect(made.findings[0]).toMatchObject({
      ...{ severity: 'high', message: expect.stringContaining(PROBLEM.message) as string },
    });
  });

  test('finds it less grave when only something is missing in it', () => {
    const noBackup = { code: 'RECORD_UNREADABLE', message: '1 row' } as const;
    expect(report({ noBackup }).findings).toMatchObject([
      { code: 'BACKUP_FAILED', severity: 'medium' },
    ]);
  });
});
