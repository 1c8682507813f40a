/** Asks one question after the other, and says of each what came of it. */
import { makeFolder } from './trace.ts';
import { calmed, forQuestion } from './make-world.ts';
import type { Outcome, Verdict } from './outcome.ts';
import { NEEDS, NotAsked, type Area, type Need, type Question } from './question.ts';
import { makeTidy } from './tidy.ts';
import type { VerifyWorld } from './world.ts';

const STOPPED = 'the run was stopped';

export interface AskAllParts {
  readonly world: VerifyWorld;
  readonly areas: readonly Area[];
  /** What the command line allows. */
  readonly allowed: ReadonlySet<Need>;
  /** What the simulated Azure does by default, by setting. */
  readonly defaults: ReadonlyMap<string, string>;
  readonly redact: (text: string) => string;
  /** Hands over the lines about requests made since the last time. */
  readonly takeTrace: () => readonly string[];
  readonly signal: AbortSignal;
  readonly onBegin: (question: Question, number: number, of: number) => void;
  readonly onEnd: (outcome: Outcome) => void;
}

/** @returns what came of each question, and what could not be removed again */
export async function askAll(
  parts: AskAllParts,
): Promise<{ readonly outcomes: readonly Outcome[]; readonly left: readonly string[] }> {
  const { areas, signal, onBegin, onEnd } = parts;
  const of = areas.reduce((sum, { questions }) => sum + questions.length, 0);
  const outcomes: Outcome[] = [];
  const left: string[] = [];
  for (const area of areas) {
    for (const question of area.questions) {
      const isStopped = signal.aborted;
      if (!isStopped) onBegin(question, outcomes.length + 1, of);
      const { outcome, stays } = await askOne(question, area.name, parts);
      outcomes.push(outcome);
      left.push(...stays);
      if (!isStopped) onEnd(outcome);
    }
  }
  return { outcomes, left };
}

async function askOne(question: Question, area: string, parts: AskAllParts) {
  const { world, allowed, signal, redact, takeTrace } = parts;
  const { id, title, source, assumes, needs = [] } = question;
  const assumed = assumptionOf(question, parts.defaults);
  const startedAt = performance.now();
  const tidy = makeTidy();
  const ended = (
    verdict: Verdict,
    more: Pick<Outcome, 'answer' | 'why'>,
  ): Omit<Outcome, 'asked' | 'seconds'> => ({
    ...{ id, area, title, source, assumed, verdict },
    ...('setting' in assumes ? { setting: assumes.setting } : {}),
    ...more,
  });
  const ask = async () => {
    const lacking = needs.find((one) => !allowed.has(one));
    if (lacking !== undefined) return ended('not asked', { why: NEEDS[lacking] });
    if (signal.aborted) return ended('not asked', { why: STOPPED });
    try {
      const answer = redact(await question.ask(forQuestion(world, tidy)));
      return ended(answer === assumed ? 'same' : 'different', { answer });
    } catch (error) {
      return ended('not asked', { why: redact(reasonOf(error, signal)) });
    }
  };
  const outcome = await ask();
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  const asked = makeFolder(redact)(takeTrace());
  const stays = await tidy.removeAll(calmed(world));
  takeTrace();
  return { outcome: { ...outcome, asked, seconds }, stays };
}

function assumptionOf({ assumes }: Question, defaults: ReadonlyMap<string, string>): string {
  if ('always' in assumes) return assumes.always;
  const standard = defaults.get(assumes.setting);
  if (standard !== undefined) return standard;
  throw new Error(`The simulated Azure has no setting ${assumes.setting}.`);
}

function reasonOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return STOPPED;
  if (error instanceof NotAsked) return error.message;
  return `no answer came: ${error instanceof Error ? error.message : String(error)}`;
}
