/** What questions are asked with. */
import type { HttpMethods } from '@azure/core-rest-pipeline';
import { briefly, isSuccess, type Answer } from './answer.ts';
import { PREFIX, type Ownership } from './ownership.ts';
import type { Place, Subject } from './place.ts';
import { NotAsked } from './question.ts';
import type { AskOptions, Wire } from './wire.ts';

/** What is known about the service before the first question. */
export interface ServiceFacts {
  readonly location: string;
  /** For example `Developer`. */
  readonly tier: string;
  /** Object id of its system-assigned identity; undefined when it has none. */
  readonly principalId: string | undefined;
  readonly tenantId: string;
  /** Object id of who asks. */
  readonly callerId: string;
}

export interface VerifyWorld extends ServiceFacts, Subject {
  readonly wire: Wire;
  readonly place: Place;
  readonly ownership: Ownership;
  readonly groupId: string;
  readonly serviceId: string;
  /** A name that nothing else has: `ckverify-{run}-{hint}`. */
  name(hint: string): string;
  /**
   * Remembers what to remove. Called before the request that makes it: the answer may be lost. What
   * is not there any more is no mistake.
   *
   * @param remove gets a world that goes on when the run was stopped
   */
  later(what: string, remove: (calm: VerifyWorld) => Promise<Answer>): void;
  /** Something that several questions need; made for the first, removed at the end of the run. */
  shared<T>(key: string, make: (world: VerifyWorld) => Promise<T>): Promise<T>;
  passTime(seconds: number): Promise<void>;
}

const ARM = 'https://management.azure.com';
const API_VERSIONS: readonly (readonly [RegExp, string])[] = [
  [/\/providers\/Microsoft\.ApiManagement\//i, '2024-05-01'],
  [/\/providers\/Microsoft\.Authorization\//i, '2022-04-01'],
  [/\/providers\/Microsoft\.EventGrid\//i, '2022-06-15'],
  [/\/providers\/Microsoft\.KeyVault\//i, '2023-07-01'],
];

/** The address of a resource, or of something below it; `path` may have a query. */
export function armUrl(path: string): string {
  // The last provider of a path is the one that answers.
  const provider = path.slice(Math.max(0, path.lastIndexOf('/providers/')));
  const version = API_VERSIONS.find(([pattern]) => pattern.test(provider))?.[1] ?? '2021-04-01';
  return `${ARM}${path}${path.includes('?') ? '&' : '?'}api-version=${version}`;
}

/** A request to Resource Manager. */
export function askArm(
  world: Pick<VerifyWorld, 'wire'>,
  method: HttpMethods,
  path: string,
  options?: AskOptions,
): Promise<Answer> {
  return world.wire.ask(method, armUrl(path), options);
}

/** A request about something in the service; `path` begins below it, e.g. `/backends/{id}`. */
export function askService(
  world: VerifyWorld,
  method: HttpMethods,
  path: string,
  options?: AskOptions,
): Promise<Answer> {
  return askArm(world, method, `${world.serviceId}${path}`, options);
}

/** A request that only prepares a question. Thrown when Azure refuses it: NotAsked. */
export async function need(what: string, asked: Promise<Answer>): Promise<Answer> {
  const answer = await asked;
  if (isSuccess(answer)) return answer;
  throw new NotAsked(`${what} was answered ${briefly(answer)}: ${answer.message}`);
}

/** Asks again and again until the answer will do, or so much time is over. @returns the last answer */
export async function askUntil<T>(
  world: Pick<VerifyWorld, 'passTime'>,
  seconds: number,
  ask: () => Promise<T>,
  willDo: (answer: T) => boolean,
): Promise<T> {
  const step = Math.min(10, seconds / 6);
  for (let passed = 0; ; passed += step) {
    const answer = await ask();
    if (willDo(answer) || passed >= seconds) return answer;
    await world.passTime(step);
  }
}

/** The same, of what is so or not. */
export function until(
  world: Pick<VerifyWorld, 'passTime'>,
  seconds: number,
  isSo: () => Promise<boolean>,
): Promise<boolean> {
  return askUntil(world, seconds, isSo, (so) => so);
}

/** The longest that an update of a service was seen to take is well below. */
const OPERATION_SECONDS = 2 * 3600;
const POLL_SECONDS = 10;

/** The end of the operation that an answer began, or the answer itself when it began none. */
export async function settle(
  world: Pick<VerifyWorld, 'passTime' | 'wire'>,
  begun: Answer,
): Promise<Answer> {
  let answer = begun;
  let url = answer.header('azure-asyncoperation') ?? answer.header('location');
  for (let passed = 0; isUnderWay(answer) && url !== undefined;) {
    if (passed > OPERATION_SECONDS) throw new NotAsked('the operation did not end in two hours');
    // The token that goes with it is for Resource Manager alone.
    if (!url.startsWith(`${ARM}/`)) throw new NotAsked('the operation is followed up elsewhere');
    const asked = Number(answer.header('retry-after'));
    const seconds = asked > 0 ? asked : POLL_SECONDS;
    await world.passTime(seconds);
    passed += seconds;
    answer = await world.wire.ask('GET', url);
    if (answer.status === 202) url = answer.header('location') ?? url;
  }
  return answer;
}

function isUnderWay(answer: Answer): boolean {
  const status = answer.text('status');
  if (/^(Succeeded|Failed|Canceled)$/i.test(status)) return false;
  // Some resources are answered 201 while they are still being made.
  return (
    answer.status === 202 || status !== '' || answer.header('azure-asyncoperation') !== undefined
  );
}

/**
 * Puts something into the service, whether it is there already or not. What `If-Match` does in either
 * case is itself among the questions.
 */
export async function putAnyway(
  world: VerifyWorld,
  path: string,
  properties: Readonly<Record<string, unknown>>,
): Promise<Answer> {
  const body = { properties };
  const answer = await askService(world, 'PUT', path, { body });
  if (answer.status !== 412 && answer.status !== 428) return answer;
  return await askService(world, 'PUT', path, { body, headers: { 'if-match': '*' } });
}

/** Removes something from the service, whatever state it is in. */
export function removeFromService(world: VerifyWorld, path: string): void {
  const url = armUrl(`${world.serviceId}${path}`);
  world.later(path, ({ wire }) => wire.ask('DELETE', url, { headers: { 'if-match': '*' } }));
}

/** @param run a few characters that tell runs apart */
export function nameOf(run: string, hint: string): string {
  return `${PREFIX}${run}-${hint}`;
}
