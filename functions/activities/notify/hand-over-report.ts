import { findReport, type ReportReaderPorts } from './read-report.ts';
import { toFigures, type FiguresLedger } from '../../../shared/domain/metrics.ts';
import type { NotifyLedger } from '../../../shared/domain/notify/ports.ts';

export interface HandOverPorts extends ReportReaderPorts {
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
  const { figures, notes, places } = ports;
  return async (
    { report: id }: { readonly report: string },
    request: (place: string) => Promise<unknown>,
  ): Promise<{ places: number }> => {
    const report = await findReport(ports, id);
    if (report === undefined) return { places: 0 };
    await figures.write(toFigures(report));
    for (const place of places) {
      await notes.handOver(place, id);
      await request(place);
    }
    return { places: places.length };
  };
}
