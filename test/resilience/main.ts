/** `npm run test:resilience`: see `usage`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import {
  runEngineCampaign,
  type CampaignOptions,
  type CampaignResult,
} from '../support/campaign/engine-campaign.ts';
import { runSyncCampaign } from '../support/campaign/sync-campaign.ts';

const usage = `Kills the host and the whole system again and again while they work, and checks that
nothing was lost and nothing done by halves.

  --only engine|sync   one of the two campaigns
  --kills K            at least so many kills in each (30)
  --minutes M          and at least so long, both together (0)
  --seed N             repeats the choices of an earlier run
`;

interface Options {
  readonly seed: number;
  readonly kills: number;
  readonly minutes: number;
  readonly only: string | undefined;
}

const campaigns: Readonly<Record<string, (options: CampaignOptions) => Promise<CampaignResult>>> = {
  engine: runEngineCampaign,
  sync: runSyncCampaign,
};

function readOptions(): Options | undefined {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      kills: { type: 'string', default: '30' },
      minutes: { type: 'string', default: '0' },
      only: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const [seed, kills, minutes] = [values.seed, values.kills, values.minutes].map(Number);
  const isFine = [seed, kills, minutes].every((one) => one !== undefined && one >= 0);
  if (!isFine || (values.only !== undefined && !Object.hasOwn(campaigns, values.only))) {
    throw new TypeError('--seed, --kills and --minutes take numbers, --only engine or sync.');
  }
  return { seed: seed ?? 0, kills: kills ?? 0, minutes: minutes ?? 0, only: values.only };
}

async function main(): Promise<number> {
  let options: Options | undefined;
  try {
    options = readOptions();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return 2;
  }
  if (options === undefined) {
    process.stdout.write(usage);
    return 0;
  }
  const names = Object.keys(campaigns).filter((name) => [undefined, name].includes(options.only));
  let failed = false;
  for (const name of names) {
    const good = await run(name, options, options.minutes / names.length);
    failed ||= !good;
  }
  return failed ? 1 : 0;
}

async function run(name: string, { seed, kills }: Options, minutes: number): Promise<boolean> {
  const folder = mkdtempSync(path.join(tmpdir(), `crash-campaign-${name}-`));
  const untilMs = Date.now() + minutes * 60_000;
  process.stdout.write(`${name}: seed ${seed}\n`);
  const progress = showProgress(name);
  const result = await campaigns[name]?.({
    ...{ seed, kills, untilMs, folder, onProgress: progress.show },
  }).catch((error: unknown) => ({
    summary: 'it came to a halt',
    wrong: [error instanceof Error ? (error.stack ?? error.message) : String(error)],
  }));
  progress.clear();
  const wrong = result?.wrong ?? [];
  process.stdout.write(`${name}: ${result?.summary ?? ''}\n`);
  if (wrong.length === 0) {
    rmSync(folder, { recursive: true, force: true });
    return true;
  }
  for (const line of wrong.slice(0, 20)) process.stdout.write(`  ${line}\n`);
  if (wrong.length > 20) process.stdout.write(`  and ${wrong.length - 20} more\n`);
  process.stdout.write(
    `What it left behind is in ${folder}. To run it again:\n` +
      `  npm run test:resilience -- --only ${name} --seed ${seed} --kills ${kills}\n`,
  );
  return false;
}

/** One line that changes, on a terminal; nothing elsewhere. */
function showProgress(name: string): {
  readonly show: (text: string) => void;
  readonly clear: () => void;
} {
  const isLive = process.stdout.isTTY && process.env['CI'] === undefined;
  const write = (text: string): void => {
    if (isLive) process.stdout.write(`\r\u001b[K${text}`);
  };
  return { show: (text) => write(`${name}: ${text}`), clear: () => write('') };
}

process.exitCode = await main();
