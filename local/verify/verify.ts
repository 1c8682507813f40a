/** A run from the first request to the last: prepare, ask, tidy up, report. */
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { askAll } from './ask-all.ts';
import { makeAzurePlace } from './azure-place.ts';
import { readDefaults } from './defaults.ts';
import { findLeftovers } from './leftovers.ts';
import { startLocalPlace } from './local-place.ts';
import { calmed, makeWorld } from './make-world.ts';
import type { VerifyOptions } from './options.ts';
import type { Outcome, Report } from './outcome.ts';
import { makeOwnership } from './ownership.ts';
import type { Place, Subject } from './place.ts';
import { prepare } from './prepare.ts';
import type { Question } from './question.ts';
import { makeRedactor } from './redact.ts';
import { toJson, toMarkdown } from './report.ts';
import { makeTidy, removeOne } from './tidy.ts';
import { makeWire } from './wire.ts';
import type { VerifyWorld } from './world.ts';

export interface Console {
  /** A line for whoever watches. */
  say(line: string): void;
  begin(question: Question, number: number, of: number): void;
  end(outcome: Outcome): void;
  /** Asks a yes or no; no where nobody is there to answer. */
  confirm(question: string): Promise<boolean>;
}

/** Runs against Azure, or against a simulated one that is started for it. Thrown as by `verifyAt`. */
export async function verify(
  options: VerifyOptions,
  console: Console,
  signal: AbortSignal,
): Promise<Report> {
  const { subject, tenant, settings } = options;
  if (subject !== undefined) {
    return await verifyAt(makeAzurePlace(tenant), subject, options, console, signal);
  }
  await using local = await startLocalPlace(settings);
  return await verifyAt(local, local.subject, options, console, signal);
}

/** Thrown when no question could be asked: CannotRun. */
export async function verifyAt(
  place: Place,
  subject: Subject,
  options: VerifyOptions,
  console: Console,
  signal: AbortSignal,
): Promise<Report> {
  const defaults = await readDefaults();
  const run = randomBytes(4).toString('hex');
  const trace: string[] = [];
  const takeTrace = (): readonly string[] => trace.splice(0);
  const ownership = makeOwnership();
  const wire = makeWire({ place, ownership, signal, trace: (line) => trace.push(line) });
  const startedAt = new Date().toISOString();
  const facts = await prepare(wire, place, subject, run);
  const tidy = makeTidy();
  const world = makeWorld({ place, subject, facts, wire, ownership, run, tidy, signal });
  await offerLeftovers(world, options, console);
  takeTrace();
  const redact = makeRedactor(
    new Map([
      [subject.service, '{service}'],
      [subject.resourceGroup, '{group}'],
      [run, '{run}'],
      [`/providers/Microsoft.ApiManagement/service/${subject.service}`, '{service}'],
      [world.serviceId, '{service}'],
    ]),
  );
  try {
    const { outcomes, left: stays } = await askAll({
      ...{ world, defaults, redact, takeTrace, signal },
      areas: options.areas,
      allowed: options.allowed,
      onBegin: (...question) => console.begin(...question),
      onEnd: (outcome) => console.end(outcome),
    });
    console.say('Removing what was made …');
    const left = [...stays, ...(await tidy.removeAll(calmed(world)))];
    const { tier, location } = facts;
    const report: Report = {
      ...{ against: place.name, startedAt, tier, location, outcomes },
      left: left.map(redact),
    };
    if (options.output !== undefined) await write(report, options.output);
    return report;
  } finally {
    // Nothing is left here, unless something above broke.
    await tidy.removeAll(calmed(world));
  }
}

async function offerLeftovers(
  world: VerifyWorld,
  { allowed, removeLeftovers }: VerifyOptions,
  console: Console,
): Promise<void> {
  const leftovers = await findLeftovers(world, allowed.has('graph'));
  if (leftovers.length === 0) return;
  const say = (line: string): void => console.say(line);
  say('An earlier run, or one that goes on now, left:');
  for (const { what } of leftovers) say(`  ${what}`);
  if (!removeLeftovers && !(await console.confirm('Remove them?'))) {
    say('They stay; --remove-leftovers removes them.');
    return;
  }
  for (const { what, remove } of leftovers) {
    const problem = await removeOne(calmed(world), remove);
    say(problem === undefined ? `  removed ${what}` : `  ${what} stays: ${problem}`);
  }
}

async function write(report: Report, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'verify-azure.md'), toMarkdown(report));
  await writeFile(path.join(folder, 'verify-azure.json'), toJson(report));
}
