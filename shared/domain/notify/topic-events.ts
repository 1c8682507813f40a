import type { OutcomeEvent } from '../event-ports.ts';
import type { FindingChange } from './news.ts';
import type { Message } from './message.ts';

const TYPE_OF: Readonly<Record<FindingChange, OutcomeEvent['type']>> = {
  appeared: 'Certkeeper.FindingAppeared',
  worsened: 'Certkeeper.FindingWorsened',
  cleared: 'Certkeeper.FindingCleared',
};

/**
 * A message as the custom topic gets it: one event for each finding. Other events are there already,
 * whatever the rules say, and are left out.
 */
export function toTopicEvents({ id, kind, at, items }: Message): readonly OutcomeEvent[] {
  if (kind === 'test') {
    const type = 'Certkeeper.NotificationTest';
    return [{ id, type, subject: 'certkeeper', time: at, data: { message: 'This is a test.' } }];
  }
  return items.flatMap((item) => {
    if (item.kind === 'event') return [];
    const { change, before, finding } = item;
    return [
      {
        id: item.id,
        type: TYPE_OF[change],
        subject: finding.about,
        time: at,
        data: {
          finding: finding.id,
          code: finding.code,
          severity: finding.severity,
          ...(change === 'worsened' && before !== undefined ? { before } : {}),
          ...{ about: finding.about, resource: finding.resourceId, since: finding.since },
          ...{ message: finding.message, cure: finding.cure },
          ...(finding.dueAt === undefined ? {} : { dueAt: finding.dueAt }),
        },
      },
    ];
  });
}
