/**
 * A backup as a file: JSON lines. The first says what it is, the last how many lines are between them
 * and what SHA-256 everything before it has. Each of the others is a row, or a blob in base64.
 */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { TerminalError } from '../../domain/errors.ts';

/** What can be read; another one is refused. */
export const BACKUP_VERSION = 1;
/** No document of a row is longer; what JSON escapes makes it longer yet. */
const LONGEST_LINE = 4 * 1024 * 1024;
/** Nothing that Certkeeper writes is that large. */
export const LARGEST_BACKUP = 512 * 1024 * 1024;

const short = z.string().max(100);
export const headerSchema = z.strictObject({
  format: z.literal('certkeeper-backup'),
  version: z.int(),
  certkeeper: short,
  at: z.iso.datetime(),
  audit: short,
});
export type BackupHeader = z.infer<typeof headerSchema>;

/** What table storage takes as a key ("Understanding the Table service data model"). */
const key = z.string().regex(/^[^/\\#?\p{Cc}]{1,512}$/u, { error: 'is no key' });
export const rowSchema = z.strictObject({
  table: z.string().max(63),
  partition: key,
  row: key,
  value: z.unknown(),
});
export type BackupRow = z.infer<typeof rowSchema>;

export const endSchema = z.strictObject({
  count: z.int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, { error: 'is no SHA-256' }),
});

export interface Line {
  readonly number: number;
  readonly text: string;
  /** SHA-256 of everything before it, as long as no other line has come after it. */
  readonly digest: () => string;
}

/** Thrown of a file that is no backup, or not whole. Nothing of the file is quoted. */
export function unreadable(line: number, says: string): TerminalError {
  return new TerminalError({
    code: 'BACKUP_UNREADABLE',
    message: `The backup cannot be used: line ${String(line)}: ${says}.`,
    cure: 'Take another one, or download it once more: GET /api/backups',
  });
}

/**
 * A file's lines as they come; no more than one is held. Every line must end, and be UTF-8.
 * Thrown: TerminalError `BACKUP_UNREADABLE`.
 */
export async function* readLines(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  const hash = createHash('sha256');
  const digest = (): string => hash.copy().digest('hex');
  let last: Buffer | undefined;
  let held: Buffer[] = [];
  let length = 0;
  let size = 0;
  let number = 1;
  for await (const piece of pieces) {
    size += piece.byteLength;
    if (size > LARGEST_BACKUP) throw unreadable(number, 'the file is larger than any backup');
    let rest = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
      const line = Buffer.concat([...held, rest.subarray(0, end)]);
      requireShort(line.byteLength, number);
      if (last !== undefined) hash.update(last).update('\n');
      last = line;
      yield { number, text: decode(line, number), digest };
      [held, length, number] = [[], 0, number + 1];
      rest = rest.subarray(end + 1);
    }
    // Whoever sends it may use its memory for the next piece.
    if (rest.byteLength > 0) held.push(Buffer.from(rest));
    length += rest.byteLength;
    requireShort(length, number);
  }
  if (length > 0) throw unreadable(number, 'the file ends in the middle of it');
}

const NEWLINE = 0x0a;

function requireShort(length: number, number: number): void {
  if (length > LONGEST_LINE)
    throw unreadable(number, 'it is longer than any that Certkeeper writes');
}

function decode(bytes: Buffer, number: number): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw unreadable(number, 'it is no UTF-8');
  }
}

/** Thrown when a line is no JSON, or not of the schema: TerminalError, with the field's name. */
export function parseLine<Value>(
  schema: z.ZodType<Value>,
  { text, number }: Pick<Line, 'text' | 'number'>,
): Value {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // What the parser says quotes the text.
    throw unreadable(number, 'it is no JSON');
  }
  const { data, error } = schema.safeParse(value);
  if (error === undefined) return data;
  const [issue] = error.issues;
  const field = issue === undefined ? '' : issue.path.map(String).join('.').slice(0, 100);
  throw unreadable(number, `${field === '' ? 'it' : field} ${inWords(issue)}`);
}

/** What is wrong, without what it is wrong with. */
export function inWords(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code === 'unrecognized_keys') return 'has a field that is not known';
  return issue === undefined ? 'cannot be read' : `cannot be used (${issue.message.slice(0, 200)})`;
}
