/** People outside the host: each lives through one orchestration and says what must be true of it. */
import { setTimeout as wait } from 'node:timers/promises';
import type { DurableClient } from './durable-client.ts';
import {
  effectsOf,
  makeSteps,
  pickAccounts,
  resultsOf,
  statusOf,
  type Effects,
  type Step,
} from './program.ts';
import type { Random } from './random.ts';

/** What must be true at the end. */
export interface Expectation {
  readonly id: string;
  readonly status: 'Completed' | 'Terminated';
  readonly output: unknown;
  /** Undefined when it depends on when the kills fell. */
  readonly customStatus?: string | null;
  readonly effects: Effects;
}

type Actor = (client: DurableClient, id: string, random: Random) => Promise<Expectation>;

const actors: readonly Actor[] = [
  runs,
  runs,
  isPaused,
  collects,
  collects,
  startsOver,
  startsOver,
  isTerminated,
  isStartedTwice,
];

/** Starts an orchestration of some kind, does to it what belongs to that kind, and sees it end. */
export async function act(client: DurableClient, id: string, random: Random): Promise<Expectation> {
  const expectation = await random.pick(actors)(client, id, random);
  await client.ended(id);
  return expectation;
}

function completed(id: string, steps: readonly Step[]): Expectation {
  return {
    id,
    status: 'Completed',
    output: resultsOf(steps),
    customStatus: statusOf(steps),
    effects: effectsOf(steps),
  };
}

async function runs(client: DurableClient, id: string, random: Random): Promise<Expectation> {
  const steps = makeSteps(random, id, random.between(2, 8));
  await client.start('Program', id, { steps });
  return completed(id, steps);
}

async function isPaused(client: DurableClient, id: string, random: Random): Promise<Expectation> {
  const value = random.between(0, 1_000);
  const steps: Step[] = [
    ...makeSteps(random, `${id}.a`, random.between(1, 4)),
    { op: 'event', name: 'paused', value },
    ...makeSteps(random, `${id}.b`, random.between(1, 4)),
  ];
  await client.start('Program', id, { steps });
  for (let times = random.between(1, 3); times > 0; times--) {
    await wait(random.between(0, 200));
    await client.control(id, 'suspend', 'for a while');
    if (times === 1) await client.raise(id, 'paused', value);
    await wait(random.between(0, 100));
    await client.control(id, 'resume', 'enough');
  }
  return completed(id, steps);
}

const itemsOf = (id: string, count: number): Effects =>
  new Map(Array.from({ length: count }, (_, item) => [`${id}.e${item}`, 1]));
const itemsInOrder = (count: number): number[] => Array.from({ length: count }, (_, item) => item);

async function sendItems(
  client: DurableClient,
  id: string,
  count: number,
  random: Random,
): Promise<void> {
  for (const item of itemsInOrder(count)) {
    await client.raise(id, 'item', item);
    if (random.chance(0.3)) await wait(random.between(0, 100));
  }
}

/** Events that come before anybody waits for them are kept, in their order. */
async function collects(client: DurableClient, id: string, random: Random): Promise<Expectation> {
  const steps = makeSteps(random, `${id}.s`, random.between(0, 3));
  const count = random.between(1, 8);
  await client.start('Collect', id, { key: id, steps, count });
  await sendItems(client, id, count, random);
  return {
    id,
    status: 'Completed',
    output: { results: resultsOf(steps), seen: itemsInOrder(count) },
    effects: new Map([...effectsOf(steps), ...itemsOf(id, count)]),
  };
}

async function startsOver(client: DurableClient, id: string, random: Random): Promise<Expectation> {
  const count = random.between(1, 12);
  await client.start('Eternal', id, { key: id, count, seen: [] });
  await sendItems(client, id, count, random);
  return {
    id,
    status: 'Completed',
    output: itemsInOrder(count),
    effects: itemsOf(id, count),
  };
}

async function isTerminated(
  client: DurableClient,
  id: string,
  random: Random,
): Promise<Expectation> {
  const last: Step = random.chance(0.5)
    ? { op: 'forever' }
    : { op: 'lockForever', accounts: pickAccounts(random) };
  const steps: Step[] = [...makeSteps(random, id, random.between(1, 5)), last];
  await client.start('Program', id, { steps });
  await wait(random.between(0, 500));
  if (random.chance(0.2)) await client.control(id, 'suspend', 'first');
  await client.control(id, 'terminate', `enough of ${id}`);
  return { id, status: 'Terminated', output: `enough of ${id}`, effects: new Map() };
}

async function isStartedTwice(
  client: DurableClient,
  id: string,
  random: Random,
): Promise<Expectation> {
  const value = random.between(0, 1_000);
  const first: Step[] = [
    ...makeSteps(random, `${id}.a`, random.between(1, 3)),
    { op: 'event', name: 'go', value },
  ];
  await client.start('Program', id, { steps: first });
  const again = await client.start('Program', id, { steps: [] });
  if (again !== 'exists') throw new Error(`A second '${id}' was started beside the first.`);
  await client.raise(id, 'go', value);
  const { output } = await client.ended(id);
  if (JSON.stringify(output) !== JSON.stringify(resultsOf(first))) {
    throw new Error(`The first '${id}' put out ${JSON.stringify(output)}.`);
  }
  const second = makeSteps(random, `${id}.b`, random.between(1, 3));
  await client.start('Program', id, { steps: second });
  return {
    ...completed(id, second),
    effects: new Map([...effectsOf(first), ...effectsOf(second)]),
  };
}
