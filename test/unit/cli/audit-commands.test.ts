import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pc from 'picocolors';
import type { ApiReport } from '../../../cli/api-audits.ts';
import { runCli } from '../../../cli/program.ts';
import { formatReport } from '../../../cli/show/report.ts';
import { toSummary } from '../../../shared/domain/audit/audit-summary.ts';
import { makeReport } from '../../support/audit/make-report.ts';
import { jsonAnswer, makeFakeApi, type FakeIo } from '../../support/fake-io.ts';

const REPORT = makeReport();
const { id: ID } = REPORT;
const [FINDING] = REPORT.findings;
const FINDING_PATH = `/api/findings/${FINDING?.id ?? ''}/acknowledgement`;
const PLAIN = { colors: pc.createColors(false), columns: 80 };

const START = {
  'POST /api/audits': () => jsonAnswer({ id: 'audit', operation: '/api/operations/audit' }, 202),
};
const made = (more: object = {}) => ({
  ...START,
  'GET /api/operations/audit': () =>
    jsonAnswer({
      ...{ id: 'audit', state: 'succeeded', step: REPORT.headline.sentence, problems: [] },
      ...{ audit: { id: ID, report: `/api/audits/${ID}` }, ...more },
    }),
  [`GET /api/audits/${ID}`]: () => jsonAnswer(REPORT),
});
const json = (io: FakeIo): unknown => JSON.parse(io.written.stdout);

describe('certkeeper audit', () => {
  test('shows the headline and what was found, the gravest first', async () => {
    const io = makeFakeApi(made(), { terminal: true });
    expect(await runCli(['audit'], io)).toBe(0);
    const { stdout } = io.written;
    // A line is broken where it is too long.
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(REPORT.headline.sentence);
    const places = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW'].map((word) => stdout.indexOf(`${word} (`));
    expect(places.every((place) => place > 0)).toBe(true);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  test('says how it ended once, and what that means', async () => {
    const io = makeFakeApi(made(), { terminal: true, env: { NO_COLOR: '1' } });
    expect(await runCli(['audit'], io)).toBe(0);
    expect(io.written.stderr).toBe('');
    expect(io.written.stdout).toMatch(/^Act now: \d/);
  });

  test('says how far it is', async () => {
    const steps = ['Read 0 of 1000 services', 'Read 40 of 1000 services'];
    const answers = made();
    const io = makeFakeApi(
      {
        ...answers,
        'GET /api/operations/audit': () => {
          const step = steps.shift();
          return step === undefined
            ? answers['GET /api/operations/audit']()
            : jsonAnswer({ id: 'audit', state: 'running', step });
        },
      },
      { terminal: true },
    );
    expect(await runCli(['audit'], io)).toBe(0);
    expect(io.written.stderr).toContain('Read 40 of 1000 services');
  });

  test('is one document for programs', async () => {
    const io = makeFakeApi(made());
    expect(await runCli(['audit', '--json'], io)).toBe(0);
    expect(json(io)).toMatchObject({
      id: 'audit',
      result: { state: 'succeeded' },
      report: { id: ID },
    });
  });

  test('ends with 1 when no report could be made', async () => {
    const problem = { code: 'AZURE_UNAVAILABLE', message: 'Storage does not answer.' };
    const io = makeFakeApi({
      ...START,
      'GET /api/operations/audit': () =>
        jsonAnswer({
          id: 'audit',
          state: 'failed',
          step: 'Making the report',
          problems: [problem],
        }),
    });
    expect(await runCli(['audit'], io)).toBe(1);
    expect(io.written.stdout).toContain('Storage does not answer. (AZURE_UNAVAILABLE)');
  });

  test('does not wait for it where that is not wanted', async () => {
    const io = makeFakeApi(START);
    expect(await runCli(['audit', '--no-wait'], io)).toBe(0);
    expect(io.written.stdout).toContain('join it with `npx certkeeper audit`');
  });
});

describe('certkeeper audits', () => {
  test('lists them, each in a line', async () => {
    const io = makeFakeApi(
      { 'GET /api/audits?limit=30': () => jsonAnswer({ audits: [toSummary(REPORT)] }) },
      { terminal: true, env: { NO_COLOR: '1' } },
    );
    expect(await runCli(['audits'], io)).toBe(0);
    const line = io.written.stdout.split('\n').find((one) => one.startsWith(ID)) ?? '';
    expect(line).toMatch(/^20261128T020000Z-3f9c1a +act now +\d/);
    expect(line.length).toBeLessThanOrEqual(80);
  });

  test('says how to make one when there is none', async () => {
    const io = makeFakeApi({ 'GET /api/audits?limit=30': () => jsonAnswer({ audits: [] }) });
    expect(await runCli(['audits'], io)).toBe(0);
    expect(io.written.stdout).toBe('No audit has been made yet:  npx certkeeper audit\n');
  });
});

describe('certkeeper report', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'report-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('shows the latest one', async () => {
    const io = makeFakeApi({ 'GET /api/audits/latest?format=json': () => jsonAnswer(REPORT) });
    expect(await runCli(['report'], io)).toBe(0);
    expect(io.written.stdout).toContain('CRITICAL (');
  });

  test('writes another form out as it is', async () => {
    const page = '<!doctype html>';
    const io = makeFakeApi({
      [`GET /api/audits/${ID}?format=html`]: () =>
        new Response(page, { headers: { 'content-type': 'text/html; charset=utf-8' } }),
    });
    expect(await runCli(['report', ID, '--format', 'html'], io)).toBe(0);
    expect(io.written.stdout).toBe(page);
  });

  test('writes it into a file', async () => {
    const file = path.join(folder, 'findings.csv');
    const io = makeFakeApi({
      'GET /api/audits/latest?format=findings-csv': () =>
        new Response('id,severity\r\n', { headers: { 'content-type': 'text/csv' } }),
    });
    expect(await runCli(['report', '--format', 'findings-csv', '--output', file], io)).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe('id,severity\r\n');
    expect(io.written.stdout).toBe(`The report is in ${file}.\n`);
  });

  test('into a file is JSON unless said otherwise, and says where it cannot be', async () => {
    const answers = { 'GET /api/audits/latest?format=json': () => jsonAnswer(REPORT) };
    const file = path.join(folder, 'report.json');
    expect(await runCli(['report', '--output', file], makeFakeApi(answers))).toBe(0);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(REPORT);
    const io = makeFakeApi(answers);
    expect(await runCli(['report', '--output', path.join(folder, 'no', 'x')], io)).toBe(1);
    expect(io.written.stderr).toContain('cannot be written: ENOENT');
  });

  test('names the command that lists the ids where one is none', async () => {
    const io = makeFakeApi({
      'GET /api/audits/nope?format=json': () =>
        jsonAnswer(
          {
            code: 'INVALID_REQUEST',
            detail: 'id must be the id of an audit, as GET /api/audits lists them.',
          },
          400,
        ),
    });
    expect(await runCli(['report', 'nope'], io)).toBe(2);
    expect(io.written.stderr.replaceAll(/\s+/g, ' ')).toContain('as npx certkeeper audits lists');
  });

  test('compares it with another one', async () => {
    const since = '20261101T050000Z-3f9c1a';
    const io = makeFakeApi({
      [`GET /api/audits/latest?format=json&compare=${since}`]: () => jsonAnswer(REPORT),
    });
    expect(await runCli(['report', '--compare', since], io)).toBe(0);
    expect(io.written.stdout).toMatch(/^Since 2026-.*: .* new/m);
  });

  test.each([[['report', '--format', 'pdf']], [['report', '--json', '--format', 'csv']]])(
    'refuses %j',
    async (args) => {
      expect(await runCli(args, makeFakeApi({}))).toBe(2);
    },
  );
});

describe('certkeeper acknowledge', () => {
  const id = FINDING?.id ?? '';
  const WORDS = ['--reason', 'Kept for a roll-back.', '--until', '2027-03-31'];

  test('sends why and until when', async () => {
    const sent: unknown[] = [];
    const io = makeFakeApi({
      [`PUT ${FINDING_PATH}`]: ({ body }) => {
        const wanted = JSON.parse(typeof body === 'string' ? body : '') as object;
        sent.push(wanted);
        return jsonAnswer({ finding: id, message: FINDING?.message, ...wanted });
      },
    });
    expect(await runCli(['acknowledge', id, ...WORDS], io)).toBe(0);
    expect(sent).toEqual([{ reason: 'Kept for a roll-back.', until: '2027-03-31' }]);
    expect(io.written.stdout).toContain(`npx certkeeper acknowledge ${id} --remove`);
  });

  test('takes it back', async () => {
    const io = makeFakeApi({
      [`DELETE ${FINDING_PATH}`]: () => new Response(null, { status: 204 }),
    });
    expect(await runCli(['acknowledge', id, '--remove'], io)).toBe(0);
  });

  test('says what is missing, and what Certkeeper refuses', async () => {
    expect(await runCli(['acknowledge', id, '--until', '2027-03-31'], makeFakeApi({}))).toBe(2);
    const io = makeFakeApi({
      [`PUT ${FINDING_PATH}`]: () =>
        jsonAnswer({ status: 404, code: 'NOT_FOUND', detail: 'No such finding.' }, 404),
    });
    expect(await runCli(['acknowledge', id, ...WORDS], io)).toBe(1);
    expect(io.written.stderr).toContain('No such finding.');
  });
});

describe('A report on a terminal', () => {
  const linesOf = (report: ApiReport) => formatReport(report, PLAIN).split('\n');

  test('fits, but for commands, which stay whole, and ids', () => {
    const long = linesOf(REPORT).filter((line) => line.length > 80);
    expect(long.filter((line) => !/\b(az|npx certkeeper) /.test(line))).toEqual([]);
  });

  test('shows so much of each severity that it can be read, and where the rest is', () => {
    const shown = { critical: 20, high: 10, medium: 5, low: 3 } as const;
    const severities = ['critical', 'high', 'medium', 'low'] as const;
    const findings = severities.flatMap((severity) =>
      Array.from({ length: 50 }, (_, at) => ({
        ...{ id: `${severity}-${String(at)}`, code: 'EXPIRED', severity, about: 'a' },
        ...{ message: `It is ${severity}.`, cure: 'Renew it.' },
      })),
    );
    const lines = linesOf({ ...REPORT, findings });
    for (const severity of severities) {
      const told = lines.filter((line) => line.includes(`It is ${severity}.`));
      expect(told).toHaveLength(shown[severity]);
      expect(lines).toContain(`  … and ${String(50 - shown[severity])} more`);
    }
    expect(lines.filter((line) => line.startsWith('All of them:'))).toHaveLength(1);
    const few = linesOf({ ...REPORT, findings: findings.slice(0, 20) });
    expect(few.filter((line) => line.startsWith('All of them:'))).toEqual([]);
  });

  test('steers no terminal, whatever stands in a certificate', () => {
    const text = formatReport(makeReport({ hostile: true }), PLAIN);
    // eslint-disable-next-line no-control-regex -- control characters are what is looked for
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });
});
