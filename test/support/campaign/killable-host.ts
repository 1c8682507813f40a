import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import type { HostKeys } from '../../../local/host/index.ts';
import { repositoryRoot } from '../../../local/repository.ts';
import { campaignFolder } from './campaign-folder.ts';
import { collectOutput } from './collect-output.ts';
import { makeKillable, type Killable, type KillPlan, type Start } from './killable.ts';
import type { Random } from './random.ts';

export interface HostAddress {
  readonly url: string;
  /** The system key of the durable webhook. */
  readonly key: string;
}

export const campaignApp = (): string => path.join(campaignFolder(), 'app');

/** The host with the campaign's app; each start plans its own end. */
export function makeKillableHost(options: {
  readonly stateDir: string;
  readonly effectsFile: string;
  readonly random: Random;
  readonly onKill: (kills: number) => void;
}): Killable<HostAddress> {
  return makeKillable({ ...options, plan: planKill, start: (env) => startHost(options, env) });
}

/** By the clock from outside, by the count of commits or of effects from inside. */
function planKill(random: Random): KillPlan {
  const latest = 4_000;
  switch (random.between(0, 3)) {
    case 0:
      return {
        afterMs: latest,
        env: { CAMPAIGN_KILL_AT_EFFECT: String(random.between(1, 80)) },
      };
    case 1:
      // From the very beginning on: a kill may fall into the start.
      return { afterMs: random.between(100, 2_000), env: {} };
    default: {
      const at = `${random.pick(['before', 'after'])}:${random.between(1, 200)}`;
      return { afterMs: latest, env: { CAMPAIGN_KILL_AT_COMMIT: at } };
    }
  }
}

function startHost(
  { stateDir, effectsFile }: { readonly stateDir: string; readonly effectsFile: string },
  env: Readonly<Record<string, string>>,
): Start<HostAddress> {
  const hooks = ['die-with-parent.cjs', 'kill-at-commit.cjs'];
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      ...hooks.flatMap((hook) => ['--require', path.join(campaignFolder(), hook)]),
      path.join(repositoryRoot(), 'local/host/main.ts'),
      ...['--app', campaignApp(), '--state', stateDir, '--port', '0'],
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, CAMPAIGN_EFFECTS: effectsFile, ...env },
    },
  );
  const output = collectOutput(child);
  const serving = output
    .printed(/listens at (http:\/\/127\.0\.0\.1:\d+)[^]*Ctrl-C/)
    .then((match) => {
      // The file is what the host wrote itself.
      const keys = JSON.parse(readFileSync(path.join(stateDir, 'keys.json'), 'utf8')) as HostKeys;
      return { url: match[1] ?? '', key: keys.durable };
    });
  return { child, serving, killHard: () => void child.kill('SIGKILL'), output: output.text };
}
