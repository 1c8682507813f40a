import { randomUUID } from 'node:crypto';
import type {
  OwnKeys,
  SettledChange,
  Turn,
  UnfinishedChange,
} from '../../../shared/domain/key-ports.ts';
import type { OwnKey } from '../../../shared/domain/public-key.ts';
import type { KeyTarget } from '../../../shared/domain/target.ts';
import { isBusy } from './key-refusals.ts';
import type { ChangeOptions, KeyPorts } from './ports.ts';

/**
 * Longer than one call may take; extended with everything that is written. Who died in his turn keeps
 * others waiting for so long.
 */
const TURN_SECONDS = 45;
/** Pauses between tries to have the turn: another change takes a second or two. */
const TURN_PAUSES_MS = [0, 100, 200, 400, 800, 1_600] as const;

/**
 * What may be written while nobody else changes a place. Each keeps the turn longer, and throws
 * NotNowError when it was lost meanwhile: then nothing was written.
 */
export interface HeldTurn {
  readonly keep: (keys?: readonly OwnKey[]) => Promise<void>;
  readonly begin: (unfinished: UnfinishedChange) => Promise<void>;
  readonly settle: (settled: SettledChange) => Promise<void>;
}

/** Runs a change while nobody else changes the place. Thrown while somebody does: NotNowError. */
export async function inTurn<Result>(
  ports: Pick<KeyPorts, 'own' | 'now' | 'pause'>,
  target: KeyTarget,
  { hurried }: ChangeOptions,
  run: (turn: HeldTurn) => Promise<Result>,
): Promise<Result> {
  const { own, now } = ports;
  const holder = randomUUID();
  const turn = (): Turn => ({ holder, now: now(), seconds: TURN_SECONDS });
  const take = (): ReturnType<OwnKeys['take']> => own.take(target, turn());
  if (!(await tries(ports, hurried === true ? [0] : TURN_PAUSES_MS, take))) throw isBusy(target);
  // Whoever has it since has read more than this, and writes down what he saw.
  const require = async (isHeld: Promise<boolean>): Promise<void> => {
    if (!(await isHeld)) throw isBusy(target);
  };
  try {
    return await run({
      keep: (keys) => require(own.extend(target, turn(), keys)),
      begin: (unfinished) => require(own.begin(target, turn(), unfinished)),
      settle: (settled) => require(own.settle(target, turn(), settled)),
    });
  } finally {
    // A turn that could not be given back ends by itself.
    await own.giveBack(target, holder).catch(() => undefined);
  }
}

async function tries(
  { pause }: Pick<KeyPorts, 'pause'>,
  pauses: readonly number[],
  take: () => Promise<boolean>,
): Promise<boolean> {
  for (const wait of pauses) {
    await pause(wait);
    if (await take()) return true;
  }
  return false;
}
