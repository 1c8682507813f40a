/** `npm run demo`: the whole story on free ports and a temporary state; exit code 0 when it holds. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { makeAppClient } from './console/app-client.ts';
import { APP_ROLES } from './app-roles.ts';
import { STORY_GRACE_SECONDS } from './console/clean-up-chapters.ts';
import { readOptions, UsageError } from './console/options.ts';
import { onStopSignal } from './console/stop-signals.ts';
import { STORY, type Ending, type Stage } from './console/story.ts';
import { formatTable } from './console/table.ts';
import { makeEventEar, waitForFirstSweep } from './console/watch-rotation.ts';
import { makeAzureWire } from './seed/azure-wire.ts';
import { readInstalled } from './seed/certificates.ts';
import { API, serviceId } from './seed/fleet.ts';
import { startSystem, type RunningSystem } from './system.ts';

const USAGE = `Tells what Certkeeper does, on free ports and in a temporary folder.

  --keep   leave the folder with its logs behind
  --help   this text
`;

/** What the story tells of; the times are shortened. */
const SETTINGS = {
  CERTKEEPER_GRANT_ACCESS: 'auto',
  CERTKEEPER_REPAIR_REFERENCES: 'repair',
  CERTKEEPER_CLEANUP: 'remove',
  CERTKEEPER_CLEANUP_GRACE: `${STORY_GRACE_SECONDS}s`,
  CERTKEEPER_USAGE_MAX_AGE: '0s',
};

async function main(): Promise<number> {
  const values = readOptions(process.argv.slice(2), {
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  });
  if (values.help) {
    say(USAGE.trimEnd());
    return 0;
  }
  const stateDir = mkdtempSync(path.join(os.tmpdir(), 'certkeeper-demo-'));
  const stopping = new AbortController();
  onStopSignal(
    () => stopping.abort(new Error('It was stopped.')),
    () => process.exit(130),
  );
  const ear = makeEventEar();
  let pinnedTo: string | undefined;
  let hadNoIdentity = false;
  let system: RunningSystem | undefined;
  try {
    say('Starting Azurite, the simulated Azure and the Functions host …');
    system = await startSystem({
      ...{ port: 0, azurePort: 0, storagePort: 0, stateDir },
      keys: 'waived',
      signIn: { roles: APP_ROLES },
      async prepare(azureUrl) {
        const azure = makeAzureWire(azureUrl);
        pinnedTo = (await readInstalled(azure, { service: 'contoso-eu-gw' }, 'partner-mtls'))
          ?.secretIdentifier;
        const lab = await azure.resource(serviceId('contoso-lab-gw'), API.apiManagement);
        hadNoIdentity = lab !== undefined && lab.identity?.principalId === undefined;
        return SETTINGS;
      },
      onLine: ({ host }) => ear.hear(host?.functionName),
      onLost: (message) => stopping.abort(new Error(message)),
    });
    const app = makeAppClient(system.hostUrl, system.headers);
    const { signal } = stopping;
    await waitForFirstSweep(app, signal);
    const azure = makeAzureWire(system.azureUrl);
    return await tell({ azure, app, ear, signal, pinnedTo, hadNoIdentity, say });
  } finally {
    await system?.stop();
    if (values.keep) say(`The state and its logs are in ${stateDir}.`);
    else rmSync(stateDir, { recursive: true, force: true });
  }
}

/** Plays every chapter, the later ones even when an earlier one fails. */
async function tell(stage: Stage): Promise<number> {
  const rows: string[][] = [];
  let failures = 0;
  for (const [index, chapter] of STORY.entries()) {
    stage.signal.throwIfAborted();
    say(`\n${index + 1}. ${chapter.title}.`);
    let ending: Ending;
    try {
      ending = await chapter.play(stage);
      say(`   ${ending.outcome} after ${ending.seconds.toFixed(2)} s`);
    } catch (error) {
      stage.signal.throwIfAborted();
      failures += 1;
      say(`   FAILED: ${(error as Error).message}`);
      ending = { outcome: 'FAILED', thumbprint: '', seconds: Number.NaN };
    }
    rows.push(toRow(chapter.certificate, chapter.service, ending));
  }
  say(`\n${formatTable(['Certificate', 'Service', 'Outcome', 'Thumbprint', 'Seconds'], rows)}\n`);
  const total = STORY.length;
  say(
    failures === 0
      ? 'All of it happened, and was read back from the simulated Azure. Next: npm start'
      : `${failures} of ${total} did not come out as they should. npm run demo -- --keep keeps the logs.`,
  );
  return failures === 0 ? 0 : 1;
}

function toRow(certificate: string, service: string, ending: Ending): string[] {
  const { outcome, thumbprint, seconds } = ending;
  const took = Number.isNaN(seconds) ? '' : seconds.toFixed(2);
  const shown = thumbprint === '' ? '-' : `${thumbprint.slice(0, 8)}…${thumbprint.slice(-4)}`;
  return [certificate, service, outcome, shown, took];
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(error instanceof UsageError ? 2 : 1);
  },
);
