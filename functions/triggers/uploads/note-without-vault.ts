import type { Asker } from './asker.ts';
import type { CertificateLooks } from '../../../shared/domain/certificate-looks.ts';
import type { Problem } from '../../../shared/domain/errors.ts';
import type { HistoryTarget } from '../../../shared/domain/history.ts';
import type { History, Ledger } from '../../../shared/domain/ledger-ports.ts';
import type { Source } from '../../../shared/domain/source.ts';

/** Notes of what is in no vault what is public of it, what it will not do, and who asked. */
export async function noteWithoutVault(
  {
    ledger,
    history,
    now,
  }: {
    readonly ledger: Pick<Ledger, 'save'>;
    readonly history: Pick<History, 'add'>;
    readonly now: () => Date;
  },
  facts: {
    /** Of the vault `none`. */
    readonly source: Source;
    readonly asker: Asker;
    readonly looks: CertificateLooks;
    readonly done: readonly Pick<HistoryTarget, 'target' | 'outcome'>[];
    /** What every report says of it. */
    readonly problem: Problem;
    readonly detail: string;
  },
): Promise<void> {
  const { source, asker, looks, done, problem, detail } = facts;
  const { thumbprint, notAfter: expiresAt } = looks;
  const at = now().toISOString();
  const record = { source, thumbprint, expiresAt, enabled: true, seenAt: at };
  await ledger.save({ ...record, problems: [problem] }, []);
  await history.add({
    ...{ source, at, what: 'upload', by: asker.by, detail },
    targets: done.map(({ target, outcome }) => ({ target, outcome, reason: 'WithoutVault' })),
  });
}
