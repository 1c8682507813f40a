/** One place that is told, on a ledger in memory: everything real but who receives. */
import { makeTellPlace } from '../../../functions/activities/notify/tell-place.ts';
import { makeNotifyLedger } from '../../../shared/azure/notify-ledger.ts';
import type { AuditReport } from '../../../shared/domain/audit/audit-report.ts';
import { TerminalError, TransientError } from '../../../shared/domain/errors.ts';
import type { Message } from '../../../shared/domain/notify/message.ts';
import type { NotifyLedger } from '../../../shared/domain/notify/ports.ts';
import { parseNotify } from '../../../shared/domain/notify/rules.ts';
import { kindOfPlace } from '../../../shared/domain/notify/place.ts';
import { makeMemoryTable } from '../memory-table.ts';
import { event } from './samples.ts';

/** What becomes of one message: taken; taken, and then the power goes; not taken. */
export type Fate = 'taken' | 'taken-and-cut-off' | 'undelivered' | 'refused';

const REFUSED = { code: 'NOTIFICATION_REFUSED', message: 'refused' } as const;
const UNDELIVERED = { code: 'NOTIFICATION_UNDELIVERED', message: 'no answer' } as const;

export class PowerCut extends Error {}

export function makeTellWorld(text: string, place = 'slack') {
  const { rules } = parseNotify(text);
  const reports = new Map<string, AuditReport>();
  const ledger = makeNotifyLedger(makeMemoryTable());
  const taken: Message[] = [];
  const counted: string[] = [];
  let fates: Fate[] = [];
  let isCut = false;
  let time = Date.parse('2026-11-28T03:00:00Z');
  const now = () => new Date(time);
  const notes: NotifyLedger = {
    ...ledger,
    settle: async (...args) => {
      if (isCut) {
        isCut = false;
        throw new PowerCut();
      }
      await ledger.settle(...args);
    },
  };
  const tell = makeTellPlace({
    messenger: {
      send: async (_place, message) => {
        const fate = fates.shift() ?? 'taken';
        if (fate === 'refused') throw new TerminalError(REFUSED);
        if (fate === 'undelivered') throw new TransientError(UNDELIVERED);
        taken.push(message);
        isCut = fate === 'taken-and-cut-off';
      },
    },
    reader: { read: async (id) => reports.get(id) },
    metrics: { notified: (name, outcome) => void counted.push(`${name} ${outcome}`) },
    places: [{ name: place, kind: kindOfPlace(place) }],
    publicUrl: 'https://certkeeper.example',
    ...{ notes, rules, now },
  });
  return {
    ledger,
    /** Everything that arrived, in order. */
    taken,
    counted,
    fate: (...next: readonly Fate[]) => {
      fates = [...next];
    },
    pass: (milliseconds: number) => {
      time += milliseconds;
    },
    async audit(report: AuditReport): Promise<void> {
      reports.set(report.id, report);
      await ledger.handOver(place, report.id);
    },
    forget: (report: string) => reports.delete(report),
    async post(id: string, { digest = false } = {}): Promise<void> {
      await ledger.post(place, { event: event(id), digest, postedAt: now().toISOString() });
    },
    tell: () => tell({ place }),
    /** What the engine does: again, until it is told or has been refused. */
    async tellAll(): Promise<void> {
      for (let tries = 0; tries < 200; tries += 1) {
        try {
          if (!(await tell({ place })).more) return;
        } catch (error) {
          if (error instanceof TerminalError) return;
          if (!(error instanceof TransientError || error instanceof PowerCut)) throw error;
        }
      }
      throw new Error('It does not come to an end');
    },
  };
}

/** What messages tell, one line an item. */
export function linesOf(messages: readonly Message[]): string[] {
  return messages.flatMap(({ items }) =>
    items.map((item) =>
      item.kind === 'event' ? item.event.id : `${item.finding.id} ${item.change}`,
    ),
  );
}
