import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { act, type Expectation } from './actors.ts';
import { checkEffects, checkTaskHub } from './check-task-hub.ts';
import { makeDurableClient } from './durable-client.ts';
import { makeKillableHost } from './killable-host.ts';
import { makeRandom } from './random.ts';
import { within } from './within.ts';

export interface CampaignOptions {
  readonly seed: number;
  /** Ends when both are reached. */
  readonly kills: number;
  readonly untilMs: number;
  /** Empty and the campaign's own; left as it is at the end. */
  readonly folder: string;
  readonly onProgress: (text: string) => void;
}

export interface CampaignResult {
  /** What was done, for a person. */
  readonly summary: string;
  /** One line for each thing that is not as it must be. */
  readonly wrong: readonly string[];
}

/** Orchestrations that are under way at the same time. */
const parallel = 16;
/** For what is left when the killing is over; far more than it takes. */
const settleSeconds = 120;

/**
 * Runs random orchestrations on the host while that is killed again and again, and checks that in
 * the end each did what it had to, once.
 * Thrown when the host ends in any other way than by a kill, or something does not come to its end.
 */
export async function runEngineCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const { folder, onProgress } = options;
  const random = makeRandom(options.seed);
  const stateDir = path.join(folder, 'host');
  const effectsFile = path.join(folder, 'effects.txt');
  mkdirSync(stateDir, { recursive: true });
  const expectations: Expectation[] = [];
  const tell = (): void =>
    onProgress(`${host.kills} kills, ${expectations.length} orchestrations ended`);
  const isOver = (): boolean => host.kills >= options.kills && Date.now() >= options.untilMs;
  const onKill = (): void => {
    tell();
    if (isOver()) host.calm();
  };
  const host = makeKillableHost({ stateDir, effectsFile, random: random.fork(), onKill });
  const client = makeDurableClient(() => host.address());
  let count = 0;
  const actors = Promise.all(
    Array.from({ length: parallel }, async () => {
      while (!isOver()) {
        const id = `o${count++}`;
        expectations.push(await act(client, id, random.fork()));
        tell();
      }
    }),
  );
  try {
    await Promise.race([host.done, actors.then(() => host.done)]);
    const settled = within(settleSeconds, 'the end of every orchestration', async () => {
      const unfinished = await client.unfinished();
      const alone = expectations.length === count ? [] : ['somebody who asks for more'];
      return unfinished.length > 0 ? unfinished : alone;
    });
    await Promise.race([settled, actors.then(() => settled)]);
    const code = await host.stop();
    const hub = await checkTaskHub(stateDir, expectations);
    const left = checkEffects(effectsFile, expectations, host.kills);
    return {
      summary:
        `${host.kills} kills, ${hub.instances} orchestrations, ${hub.events} events in their ` +
        `histories, ${left.effects} effects, ${left.again} of them from activities run again`,
      wrong: [
        ...(code === 0 ? [] : [`the host stopped with ${String(code)}: ${host.output()}`]),
        ...hub.wrong,
        ...left.wrong,
      ],
    };
  } finally {
    host.abandon();
  }
}
