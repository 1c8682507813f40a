/** The world of a run, and of each question in it. */
import type { Ownership } from './ownership.ts';
import type { Place, Subject } from './place.ts';
import type { Tidy } from './tidy.ts';
import type { Wire } from './wire.ts';
import { nameOf, type ServiceFacts, type VerifyWorld } from './world.ts';

export interface WorldParts {
  readonly place: Place;
  readonly subject: Subject;
  readonly facts: ServiceFacts;
  readonly wire: Wire;
  readonly ownership: Ownership;
  /** A few characters that tell runs apart. */
  readonly run: string;
  /** Removes what questions share, at the end of the run. */
  readonly tidy: Tidy;
  readonly signal: AbortSignal;
}

export function makeWorld(parts: WorldParts): VerifyWorld {
  const { place, subject, facts, wire, ownership, run, tidy, signal } = parts;
  const shared = new Map<string, Promise<unknown>>();
  const groupId = groupIdOf(subject);
  const world: VerifyWorld = {
    ...subject,
    ...facts,
    ...{ place, wire, ownership, groupId },
    serviceId: serviceIdOf(subject),
    name: (hint) => nameOf(run, hint),
    later: tidy.later,
    shared<T>(key: string, make: (world: VerifyWorld) => Promise<T>): Promise<T> {
      // What could not be made for one question cannot be made for the next.
      const made = shared.get(key) ?? make(world);
      shared.set(key, made);
      return made as Promise<T>; // a key belongs to one maker
    },
    passTime: (seconds) => place.passTime(seconds, signal),
  };
  return world;
}

/** The same world, in which what is made goes with the question. */
export function forQuestion(world: VerifyWorld, tidy: Tidy): VerifyWorld {
  return { ...world, later: tidy.later };
}

/** The same world, which goes on when the run was stopped: for removing things. */
export function calmed(world: VerifyWorld): VerifyWorld {
  const { place, wire } = world;
  const never = new AbortController().signal;
  return {
    ...world,
    wire: wire.unstoppable,
    passTime: (seconds) => place.passTime(seconds, never),
  };
}

export function groupIdOf({ subscriptionId, resourceGroup }: Subject): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`;
}

export function serviceIdOf(subject: Subject): string {
  return `${groupIdOf(subject)}/providers/Microsoft.ApiManagement/service/${subject.service}`;
}
