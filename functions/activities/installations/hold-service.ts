import { TerminalError } from '../../../shared/domain/errors.ts';
import type {
  InstallationLedger,
  InstallationMarks,
} from '../../../shared/domain/installation-ports.ts';
import {
  isTrusted,
  judgeMark,
  serviceTaken,
  toSeen,
  type Mark,
  type SeenMark,
} from '../../../shared/domain/installation.ts';

export interface HoldPorts {
  readonly marks: InstallationMarks;
  readonly ledger: InstallationLedger;
  readonly now: () => Date;
}

export interface ServiceHold {
  /**
   * Comes before every change of a service: goes on if the service bears this installation's mark,
   * and leaves it where there is none. Where nobody can tell, it goes on: a role that lacks the right
   * must not stop what worked without.
   *
   * Thrown when another installation keeps the service: TerminalError `SERVICE_TAKEN`.
   */
  require(service: string): Promise<void>;
  /** Reads a service's mark. Writes nothing anywhere. */
  peek(service: string): Promise<Mark>;
  /** Reads a service's mark and remembers it; writes none at the service. */
  look(service: string): Promise<Mark>;
  /**
   * Makes the service this installation's, whoever keeps it.
   * @returns from whom it was taken; undefined = from nobody
   * Thrown when somebody else did the same at that moment: TerminalError `TARGET_CHANGED`.
   */
  take(service: string): Promise<{ readonly installation: string; readonly from?: string }>;
}

export function makeServiceHold({ marks, ledger, now }: HoldPorts): ServiceHold {
  const at = (): string => now().toISOString();

  const remember = async (service: string, seen: SeenMark): Promise<Mark> => {
    await ledger.remember(service, seen);
    return seen.mark;
  };
  const peek = async (service: string): Promise<Mark> => {
    const own = await ledger.own();
    return await orUnknown('read', async () =>
      judgeMark((await marks.read(service))?.installation, own),
    );
  };
  const look = async (service: string): Promise<Mark> => {
    const mark = await peek(service);
    return await remember(service, toSeen(mark, await ledger.seen(service), at()));
  };
  const claim = async (service: string): Promise<Mark> => {
    const own = await ledger.own();
    const mark = await orUnknown('write', async () => {
      try {
        await marks.write(service, own, undefined);
      } catch (error) {
        // Another one's came between; or this one's own, of another step at the same moment.
        if (!isChanged(error)) throw error;
      }
      // What is there now counts, whichever of two was written last.
      return judgeMark((await marks.read(service))?.installation, own);
    });
    const time = at();
    return await remember(service, {
      ...{ mark, seenAt: time },
      ...(mark.kind === 'ours' ? { claimedAt: time } : {}),
    });
  };

  return {
    ...{ peek, look },
    async require(service) {
      if (isTrusted(await ledger.seen(service), at())) return;
      const found = await look(service);
      const mark = found.kind === 'none' ? await claim(service) : found;
      if (mark.kind === 'foreign')
        throw new TerminalError(serviceTaken(service, mark.installation));
    },
    async take(service) {
      const own = await ledger.own();
      const before = await marks.read(service);
      const mark = judgeMark(before?.installation, own);
      if (mark.kind !== 'ours') await marks.write(service, own, before?.etag);
      const time = at();
      await ledger.remember(service, {
        ...{ mark: { kind: 'ours' }, seenAt: time },
        ...(mark.kind === 'ours' ? {} : { claimedAt: time }),
      });
      return { installation: own, ...(mark.kind === 'foreign' ? { from: mark.installation } : {}) };
    },
  };
}

/** What may not be done, or is not there to be done, tells nothing. What passes is tried again. */
async function orUnknown(lacks: 'read' | 'write', run: () => Promise<Mark>): Promise<Mark> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof TerminalError)) throw error;
    return { kind: 'unknown', lacks, problem: error.problem };
  }
}

function isChanged(error: unknown): boolean {
  return error instanceof TerminalError && error.problem.code === 'TARGET_CHANGED';
}
