import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import process from 'node:process';
import type { HostKeys } from '../../../local/host/index.ts';
import { repositoryRoot } from '../../../local/repository.ts';
import { campaignFolder } from './campaign-folder.ts';
import { collectOutput } from './collect-output.ts';
import { makeKillable, type Killable, type KillPlan, type Start } from './killable.ts';
import type { Random } from './random.ts';

export interface SystemAddress {
  readonly hostUrl: string;
  readonly azureUrl: string;
  readonly keys: HostKeys;
}

/** Host, simulated Azure and Azurite, which die together; each start plans its own end. */
export function makeKillableSystem(options: {
  readonly stateDir: string;
  readonly refreshesFile: string;
  readonly random: Random;
  readonly onKill: (kills: number) => void;
}): Killable<SystemAddress> {
  return makeKillable({ ...options, plan: planKill, start: (env) => startSystem(options, env) });
}

function planKill(random: Random): KillPlan {
  const latest = 8_000;
  if (random.chance(0.5)) return { afterMs: random.between(500, latest), env: {} };
  // The host's and the simulated Azure's, of which starting alone takes some.
  const at = `${random.pick(['before', 'after'])}:${random.between(1, 250)}`;
  return { afterMs: latest, env: { CAMPAIGN_KILL_AT_COMMIT: at } };
}

function startSystem(
  { stateDir, refreshesFile }: { readonly stateDir: string; readonly refreshesFile: string },
  env: Readonly<Record<string, string>>,
): Start<SystemAddress> {
  const hooks = ['kill-at-commit.cjs', 'note-refreshes.cjs'];
  const options = { port: 0, azurePort: 0, storagePort: 0, keys: 'waived', stateDir };
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      ...hooks.flatMap((hook) => ['--require', path.join(campaignFolder(), hook)]),
      path.join(repositoryRoot(), 'test/support/system/system-main.ts'),
      JSON.stringify(options),
    ],
    {
      // A group of its own: Azurite is a process beside it, and dies with it.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, CAMPAIGN_REFRESHES: refreshesFile, ...env },
    },
  );
  const output = collectOutput(child);
  return { child, serving: ready(child), killHard: () => killGroup(child), output: output.text };
}

/** Resolves with what system-main.ts reports, which sends nothing else. */
async function ready(child: ReturnType<typeof spawn>): Promise<SystemAddress> {
  const [message] = (await Promise.race([
    once(child, 'message'),
    once(child, 'close').then(() => [{ kind: 'failed', message: 'it ended' }]),
  ])) as [({ kind: 'ready' } & SystemAddress) | { kind: 'failed'; message: string }];
  if (message.kind === 'failed') throw new Error(`The system did not start: ${message.message}`);
  return message;
}

function killGroup(child: ReturnType<typeof spawn>): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // All of it is gone already.
  }
}
