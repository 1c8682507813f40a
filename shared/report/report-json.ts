/**
 * The JSON of a report as it is kept. It is written so that it can be read from its beginning, a line
 * at a time: first all that is short, then each finding, then each certificate. So whoever wants the
 * findings of 200,000 certificates reads those, and nobody has to hold what is passed by.
 *
 *     {"reportVersion":1,…,
 *     "findings":[
 *     {…},
 *     {…}],
 *     "certificates":[
 *     {…}]
 *     }
 */
import * as z from 'zod';
import { auditedCertificateSchema, auditFindingSchema, reportSchema } from './report-schema.ts';
import type { EachCertificate, ShortReport } from '../domain/audit/audit-ports.ts';
import type { AuditFinding, AuditReport, ReportChanges } from '../domain/audit/audit-report.ts';

const headSchema = reportSchema.omit({ findings: true, certificates: true });

/** In pieces: all of it at once may be two hundred megabytes. */
export function* toReportJson({ certificates, findings, ...head }: AuditReport): Generator<string> {
  yield toHead(head);
  yield* toList('findings', findings);
  yield ',\n';
  yield* toList('certificates', certificates);
  yield '\n}\n';
}

/**
 * @param each is told of each certificate, in the order of the report; left out, nothing is read that
 * comes after the findings
 * @returns undefined for what is no report as it is written here, or of a version not known here
 */
export async function readReportJson(
  json: AsyncIterable<Uint8Array>,
  each?: EachCertificate,
): Promise<ShortReport | undefined> {
  const lines = linesOf(json);
  try {
    const head = headSchema.parse(parseHead(await nextOf(lines)));
    const findings: AuditFinding[] = [];
    for await (const entry of entriesOf(lines, 'findings')) {
      findings.push(auditFindingSchema.parse(entry));
    }
    if (each !== undefined) {
      for await (const entry of entriesOf(lines, 'certificates')) {
        each(auditedCertificateSchema.parse(entry));
      }
    }
    return { ...head, findings };
  } catch (error) {
    if (error instanceof Misread || error instanceof z.ZodError) return undefined;
    throw error;
  } finally {
    await lines.return(undefined);
  }
}

/** The same report with other changes: all but its first line stays as it is, and is not read. */
export function withChanges(json: Uint8Array, changes: ReportChanges): Uint8Array {
  const end = json.indexOf(NEW_LINE);
  const line = Buffer.from(json.subarray(0, end)).toString();
  // What a later version has written there is kept.
  const head = headSchema.loose().parse(parseHead(line));
  return Buffer.concat([Buffer.from(toHead({ ...head, changes })), json.subarray(end + 1)]);
}

type Head = Omit<ShortReport, 'findings'>;

function toHead(head: Head): string {
  return `${JSON.stringify(head).slice(0, -1)},\n`;
}

function parseHead(line: string): unknown {
  return parse(`${line.slice(0, -1)}}`);
}

function* toList(name: string, entries: readonly unknown[]): Generator<string> {
  yield `"${name}":[`;
  for (const [index, entry] of entries.entries()) {
    yield `${index === 0 ? '\n' : ',\n'}${JSON.stringify(entry)}`;
  }
  yield ']';
}

/** What cannot be a report as it is written here. */
class Misread extends Error {}

type Lines = AsyncGenerator<string, void>;

async function nextOf(lines: Lines): Promise<string> {
  const line = await lines.next();
  if (line.done === true) throw new Misread();
  return line.value;
}

async function* entriesOf(lines: Lines, name: string): AsyncGenerator<unknown, void> {
  const first = await nextOf(lines);
  if (!first.startsWith(`"${name}":[`)) throw new Misread();
  if (first.includes(']')) return;
  for (;;) {
    const [, entry = '', end] = /^(\{.*\})(,|\],?)$/s.exec(await nextOf(lines)) ?? [];
    yield parse(entry);
    if (end !== ',') return;
  }
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new Misread();
  }
}

const NEW_LINE = 10;

/** Texts hold no line breaks of their own: JSON writes them as `\n`. What is no whole line is left. */
async function* linesOf(json: AsyncIterable<Uint8Array>): Lines {
  let begun: Uint8Array[] = [];
  for await (const bytes of json) {
    let from = 0;
    for (let to = bytes.indexOf(NEW_LINE); to !== -1; to = bytes.indexOf(NEW_LINE, from)) {
      yield Buffer.concat([...begun, bytes.subarray(from, to)]).toString();
      begun = [];
      from = to + 1;
    }
    begun.push(bytes.subarray(from));
  }
}
