/** Faults on demand: answers, delays and dropped connections for requests that match. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { matchesGlob } from './glob.ts';

const answerSchema = z.strictObject({
  status: z.int().min(200).max(599),
  code: z.string().min(1).optional(),
  message: z.string().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.json().optional(),
});

/** What `POST /_local/faults` takes. */
export const faultSchema = z
  .strictObject({
    match: z.strictObject({
      method: z.string().min(1).optional(),
      host: z.string().min(1).optional(),
      path: z.string().min(1).optional(),
    }),
    answer: answerSchema.optional(),
    delayMs: z.int().min(0).max(600_000).optional(),
    drop: z.literal(true).optional(),
    times: z.int().min(1).optional(),
  })
  .refine(
    (fault) => fault.answer !== undefined || fault.delayMs !== undefined || fault.drop === true,
    { message: 'one of answer, delayMs, drop is needed' },
  )
  .refine((fault) => !(fault.answer !== undefined && fault.drop === true), {
    path: ['drop'],
    message: 'answer and drop exclude each other',
  });

export type Fault = z.infer<typeof faultSchema>;

export interface StandingFault extends Fault {
  readonly id: string;
  /** How often it struck so far. */
  struck: number;
}

export interface Faults {
  add(fault: Fault): StandingFault;
  list(): readonly StandingFault[];
  clear(): void;
  /** The oldest fault that matches and has turns left; takes one turn. */
  strike(request: { method: string; host: string; path: string }): Fault | undefined;
}

export function makeFaults(): Faults {
  let standing: StandingFault[] = [];
  return {
    add(fault) {
      const added = { ...fault, id: randomUUID(), struck: 0 };
      standing.push(added);
      return added;
    },
    list: () => standing,
    clear() {
      standing = [];
    },
    strike(request) {
      const fault = standing.find(
        ({ match, times, struck }) =>
          (times === undefined || struck < times) &&
          (match.method === undefined ||
            match.method.toUpperCase() === request.method.toUpperCase()) &&
          (match.host === undefined || matchesGlob(match.host, request.host)) &&
          (match.path === undefined || matchesGlob(match.path, request.path)),
      );
      if (fault !== undefined) fault.struck += 1;
      return fault;
    },
  };
}
