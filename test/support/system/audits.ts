/** Audits of a running system: made, and read as people and programs read them. */
import type { AuditReport } from '../../../shared/domain/audit/audit-report.ts';
import type { AppUnderTest } from './app-under-test.ts';
import { eventually } from './running-system.ts';

/** The operation of an audit, as `GET /api/operations/audit` answers it. */
export interface AuditOperation {
  readonly kind: string;
  readonly state: string;
  readonly step: string;
  readonly counts?: Readonly<Record<string, number>>;
  readonly audit?: { readonly id: string; readonly report: string; readonly health: string };
}

export function watchAudits({ wire }: Pick<AppUnderTest, 'wire'>) {
  const operation = async () => (await wire.api('/operations/audit')).body as AuditOperation;
  const report = async (id: string) => (await wire.api(`/audits/${id}`)).body as AuditReport;
  return {
    operation,
    /** An audit's report, by its id. */
    report,
    latest: () => report('latest'),
    /** Makes an audit and waits until it is over. */
    audit: async (): Promise<AuditOperation> => {
      expect(await wire.api('/audits', 'POST')).toMatchObject({ status: 202 });
      return await eventually(
        operation,
        ({ state }) => ['succeeded', 'blocked', 'failed'].includes(state),
        120_000,
      );
    },
  };
}
