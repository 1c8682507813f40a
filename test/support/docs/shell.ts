/** A shell in which documents' scripts run: `npx certkeeper` is ours, what cannot run is played. */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from '../../../local/repository.ts';
import type { Ended } from '../cli.ts';
import { CHECKED } from './programs.ts';

export interface Shell {
  run(script: string): Promise<Ended>;
  /** What the played programs were asked, a list of words each, the program first. */
  calls(): readonly (readonly string[])[];
}

/**
 * @param folder where scripts run, and find the files that they name
 * @param env what is set there; a played program that is asked for one of these answers it, and
 *   what it answers else is in `PLAYED`
 */
export function makeShell(folder: string, env: Readonly<Record<string, string>>): Shell {
  const bin = path.join(folder, 'bin');
  const log = path.join(folder, 'calls.jsonl');
  mkdirSync(bin);
  const write = (name: string, text: string): void => {
    writeFileSync(path.join(bin, name), text);
    chmodSync(path.join(bin, name), 0o755);
  };
  const main = path.join(repositoryRoot(), 'cli', 'main.ts');
  write(
    'npx',
    `#!/bin/sh\nshift\nexec '${process.execPath}' --disable-warning=ExperimentalWarning '${main}' "$@"\n`,
  );
  for (const name of Object.keys(CHECKED)) {
    const call = `JSON.stringify(['${name}', ...process.argv.slice(2)]) + '\\n'`;
    write(
      name,
      `#!${process.execPath}\nrequire('node:fs').appendFileSync(${JSON.stringify(log)}, ${call});\nconsole.log(process.env[process.argv.at(-1)] ?? process.env.PLAYED);\n`,
    );
  }
  return {
    calls: () =>
      existsSync(log)
        ? readFileSync(log, 'utf8')
            .trim()
            .split('\n')
            // Written by the scripts above.
            .map((line) => JSON.parse(line) as string[])
        : [],
    run: async (script) => {
      // Readers would see a refusal; here it fails the script.
      const whole = `set -eo pipefail\ncurl() { command curl -sS --fail-with-body "$@"; }\n${script}`;
      const child = spawn('bash', ['-c', whole], {
        cwd: folder,
        env: {
          PATH: `${bin}${path.delimiter}${process.env['PATH'] ?? ''}`,
          NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
          ...env,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let stdout = '';
      let stderr = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      const code = await new Promise<number | null>((resolve, reject) => {
        child.once('error', reject);
        child.once('close', resolve);
      });
      return { code, stdout, stderr };
    },
  };
}
