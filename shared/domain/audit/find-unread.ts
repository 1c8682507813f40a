/** What could not be read or told: where a report says less than there is. */
import type { Problem } from '../errors.ts';
import type { SeenService, SeenVault } from './audit-view.ts';
import type { AuditFacts } from './audit-facts.ts';
import type { Check, Found } from './found.ts';
import { isGone } from './known-vaults.ts';
import { toPlainText } from '../plain-text.ts';

export const findUnread: Check = ({ vaults, services, facts }) => [
  ...[...vaults.values()].flatMap(ofVault),
  ...[...services.values()].flatMap((service) => [
    ...ofService(service),
    ...ofMark(service, facts.marks),
  ]),
  ...undelivered(facts),
  ...withoutBackup(facts),
];

function ofVault({ inventory }: SeenVault): Found[] {
  const { name, resourceId, unreadable, gaps = [] } = inventory;
  const about = { code: 'VAULT_UNREADABLE', about: name, resourceId } as const;
  if (unreadable === undefined) return gaps.map((gap) => ({ ...about, ...partly(name, gap) }));
  // VAULT_GONE says more.
  return isGone(inventory) ? [] : [{ ...about, ...wholly(name, unreadable) }];
}

function ofService({ inventory }: SeenService): Found[] {
  const { name, resourceId, unreadable, gaps } = inventory;
  const about = { code: 'SERVICE_UNREADABLE', about: name, resourceId } as const;
  if (unreadable !== undefined) return [{ ...about, ...wholly(name, unreadable) }];
  return gaps.map((gap) => ({ ...about, ...partly(name, gap) }));
}

/** Only what is told of a mark has one of these codes. */
const MARK_CODES = ['SERVICE_TAKEN', 'SERVICE_UNMARKED'] as const;

function ofMark({ inventory }: SeenService, marks: AuditFacts['marks']): Found[] {
  const { name, resourceId } = inventory;
  return marks.flatMap((problem) => {
    const code = MARK_CODES.find((one) => one === problem.code);
    if (code === undefined || problem.resource !== name) return [];
    const message = toPlainText(problem.message, 1_000);
    return [{ code, about: name, resourceId, message, cure: cureOf(problem) }];
  });
}

type Said = Pick<Found, 'severity' | 'message' | 'cure' | 'key'>;

function wholly(name: string, problem: Problem): Said {
  return {
    message: `${name} could not be read, so nothing is said of its certificates: ${toPlainText(problem.message, 1_000)}`,
    cure: cureOf(problem),
  };
}

function partly(name: string, gap: Problem): Said {
  return {
    severity: 'medium',
    message: `Some of ${name} could not be read: ${toPlainText(gap.message, 1_000)}`,
    cure: cureOf(gap),
    key: `${gap.code} ${gap.resource ?? ''}`,
  };
}

function cureOf({ cure }: Problem): string {
  return cure === undefined ? 'Audit once more: npx certkeeper audit' : toPlainText(cure, 2_000);
}

function undelivered({ undelivered: failed }: AuditFacts): Found[] {
  return failed.map(({ place, message, at }) => ({
    code: 'NOTIFICATION_FAILED',
    ...{ about: place, resourceId: place },
    message: `A notification to ${toPlainText(place, 100)} could not be delivered, the last time on ${at.slice(0, 10)}: ${toPlainText(message)}`,
    cure: 'See what it answers: npx certkeeper notify --test',
  }));
}

function withoutBackup({ noBackup }: AuditFacts): Found[] {
  if (noBackup === undefined) return [];
  const isThere = noBackup.code === 'RECORD_UNREADABLE';
  return [
    {
      code: 'BACKUP_FAILED',
      ...{ about: 'certkeeper', resourceId: 'certkeeper' },
      ...(isThere ? { severity: 'medium' } : {}),
      message: `The backup of this audit ${isThere ? 'lacks something' : 'could not be written'}: ${toPlainText(noBackup.message, 1_000)}`,
      cure: cureOf(noBackup),
    },
  ];
}
