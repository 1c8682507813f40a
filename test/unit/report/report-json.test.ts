import fc from 'fast-check';
import type { AuditedCertificate, AuditReport } from '../../../shared/domain/audit/audit-report.ts';
import { readReportJson, toReportJson, withChanges } from '../../../shared/report/report-json.ts';
import { makeReport } from '../../support/audit/make-report.ts';

const REPORT = makeReport();
const HOSTILE = makeReport({ hostile: true });
const EMPTY: AuditReport = { ...REPORT, findings: [], certificates: [] };

const jsonOf = (report: AuditReport): Buffer => Buffer.from([...toReportJson(report)].join(''));

/** In pieces as long as that, the last one over and over. */
async function* cut(json: Uint8Array, lengths: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let piece = 0; at < json.byteLength; piece += 1) {
    const length = lengths[Math.min(piece, lengths.length - 1)] ?? 1_000;
    yield json.subarray(at, at + length);
    at += length;
  }
}

async function readWhole(json: Uint8Array, lengths: readonly number[] = [1_000]) {
  const certificates: AuditedCertificate[] = [];
  const report = await readReportJson(cut(json, lengths), (one) => certificates.push(one));
  return report === undefined ? undefined : { ...report, certificates };
}

describe('The JSON of a report', () => {
  test.each([
    ['of everything', REPORT],
    ['of texts that mean harm', HOSTILE],
    ['of nothing', EMPTY],
    ['of certificates without a finding', { ...REPORT, findings: [] }],
    ['of findings without a certificate', { ...REPORT, certificates: [] }],
  ])('%s is one JSON document, and read again as it was', async (_, report) => {
    expect(JSON.parse(jsonOf(report).toString())).toEqual(report);
    expect(await readWhole(jsonOf(report))).toEqual(report);
  });

  test('is read the same wherever it is cut into pieces', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 5_000 })), async (lengths) => {
        expect(await readWhole(jsonOf(HOSTILE), [...lengths, 777])).toEqual(HOSTILE);
      }),
      { numRuns: 25 },
    );
  });

  test('is read with whatever text a subject holds', async () => {
    const [first] = REPORT.certificates;
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (subject) => {
        const certificates = first === undefined ? [] : [{ ...first, subject }];
        const report = { ...REPORT, certificates };
        expect(await readWhole(jsonOf(report))).toEqual(report);
      }),
    );
  });

  test('is left after the findings by whoever asks for no certificates', async () => {
    let isLeft = false;
    let read = 0;
    async function* pieces(): AsyncGenerator<Uint8Array> {
      try {
        for await (const piece of cut(jsonOf(makeReport({ certificates: 500 })), [1_000])) {
          read += piece.byteLength;
          yield piece;
        }
      } finally {
        isLeft = true;
      }
    }
    const report = await readReportJson(pieces());
    expect(report).not.toHaveProperty('certificates');
    expect(report?.findings.length).toBeGreaterThan(0);
    expect(isLeft).toBe(true);
    expect(read).toBeLessThan(jsonOf(makeReport({ certificates: 500 })).byteLength / 2);
  });

  test('with other changes is otherwise the same', async () => {
    const { changes, ...rest } = REPORT;
    if (changes === undefined) throw new Error('It has changes.');
    for (const json of [jsonOf(rest), jsonOf({ ...rest, changes: { ...changes, appeared: [] } })]) {
      expect(await readWhole(withChanges(json, changes))).toEqual(REPORT);
    }
  });

  test.each([
    ['nothing', ''],
    ['a text', 'no JSON'],
    ['another document', '{"of":"another version"}'],
    ['a report of a later version', jsonOf(REPORT).toString().replace(':1,', ':2,')],
    ['one that was written anew by hand', JSON.stringify(REPORT, null, 2)],
  ])('is none in %s', async (_, json) => {
    expect(await readReportJson(cut(Buffer.from(json), [100]))).toBeUndefined();
  });

  test('is none where it was cut off', async () => {
    const json = jsonOf(REPORT);
    expect(await readWhole(json.subarray(0, json.byteLength - 200))).toBeUndefined();
    expect(await readWhole(json.subarray(0, 40))).toBeUndefined();
  });

  test('that cannot be had says so, and is not taken for one that is none', async () => {
    const broken = new Error('The connection broke.');
    async function* pieces(): AsyncGenerator<Uint8Array> {
      yield jsonOf(REPORT).subarray(0, 500);
      throw broken;
    }
    await expect(readReportJson(pieces())).rejects.toBe(broken);
  });
});
