import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import process from 'node:process';

/** What a program on the path answers when its arguments, joined by blanks, hold a text. */
export interface Answer {
  readonly to: string;
  readonly says?: unknown;
  /** Fails with this on standard error. */
  readonly fails?: string;
  /** How often it answers so before the next one counts; for ever if left out. */
  readonly times?: number;
}

export interface Call {
  readonly program: string;
  readonly args: string;
  /** What stood in the file of a `@…` argument. */
  readonly body?: unknown;
}

/** Programs that are not on this machine, played by scripts in a folder that goes before the path. */
export interface FakePrograms {
  readonly path: string;
  calls(): readonly Call[];
}

/** The first answer that fits counts; a call that none fits fails the program. */
export function fakePrograms(
  programs: readonly string[],
  answers: readonly Answer[],
): FakePrograms {
  const folder = mkdtempSync(join(tmpdir(), 'programs-'));
  const log = join(folder, 'calls.jsonl');
  writeFileSync(join(folder, 'answers.json'), JSON.stringify(answers));
  for (const program of programs) {
    const file = join(folder, program);
    writeFileSync(file, `#!${process.execPath}\n${SCRIPT}`);
    chmodSync(file, 0o755);
  }
  return {
    path: `${folder}${delimiter}${process.env['PATH'] ?? ''}`,
    calls: () =>
      existsSync(log)
        ? readFileSync(log, 'utf8')
            .trim()
            .split('\n')
            // Written by the script below.
            .map((line) => JSON.parse(line) as Call)
        : [],
  };
}

const SCRIPT = `
const fs = require('node:fs');
const path = require('node:path');
const folder = __dirname;
const args = process.argv.slice(2);
const given = args.find((arg) => arg.startsWith('@'));
const body = given === undefined ? undefined : JSON.parse(fs.readFileSync(given.slice(1), 'utf8'));
const program = path.basename(__filename);
const call = { program, args: args.join(' '), body };
fs.appendFileSync(path.join(folder, 'calls.jsonl'), JSON.stringify(call) + '\\n');
const answers = JSON.parse(fs.readFileSync(path.join(folder, 'answers.json'), 'utf8'));
const at = answers.findIndex(({ to, times }) => call.args.includes(to) && times !== 0);
if (at < 0) {
  process.stderr.write('no answer to ' + program + ' ' + call.args);
  process.exit(2);
}
const answer = answers[at];
if (answer.times !== undefined) answer.times -= 1;
fs.writeFileSync(path.join(folder, 'answers.json'), JSON.stringify(answers));
if (answer.fails !== undefined) {
  process.stderr.write(answer.fails);
  process.exit(1);
}
if (answer.says !== undefined) process.stdout.write(JSON.stringify(answer.says));
`;
