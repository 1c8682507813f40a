import type { ReportReader } from '../../../shared/domain/audit/audit-ports.ts';
import { makeFigures, type FiguresLedger } from '../../../shared/domain/metrics.ts';
import type { NotifyLedger } from '../../../shared/domain/notify/ports.ts';

export interface HandOverPorts {
  readonly reader: Pick<ReportReader, 'read'>;
  readonly figures: Pick<FiguresLedger, 'write'>;
  readonly notes: Pick<NotifyLedger, 'handOver'>;
  /** Names of the places that the rules name. */
  readonly places: readonly string[];
}

/**
 * Makes a report the one that is measured and that every place is told of, and asks for each place to
 * be told. Idempotent: it only says which report is the last one.
 */
export function makeHandOverReport(ports: HandOverPorts) {
  const { reader, figures, notes, places } = ports;
  return async (
    { report: id }: { readonly report: string },
    request: (place: string) => Promise<unknown>,
  ): Promise<{ places: number }> => {
    const measured = makeFigures();
    const report = await reader.read(id, measured.add);
    if (report === undefined) return { places: 0 };
    await figures.write(measured.of(report));
    for (const place of places) {
      await notes.handOver(place, id);
      await request(place);
    }
    return { places: places.length };
  };
}
