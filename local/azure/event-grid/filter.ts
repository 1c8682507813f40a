/** Which events a subscription wants ("Understand event filtering for Event Grid"). */
import type { Subscription } from './documents.ts';
import { subjectOf, typeOf, type GridEvent } from './grid-event.ts';

/** Without event types every type passes; letter case of types does not count. */
export function passes(filter: Subscription['filter'], event: GridEvent): boolean {
  const type = typeOf(event).toLowerCase();
  const { includedEventTypes } = filter;
  if (
    includedEventTypes !== undefined &&
    !includedEventTypes.some((included) => included.toLowerCase() === type)
  ) {
    return false;
  }
  const fold = (text: string): string =>
    filter.isSubjectCaseSensitive ? text : text.toLowerCase();
  const subject = fold(subjectOf(event));
  return (
    subject.startsWith(fold(filter.subjectBeginsWith)) &&
    subject.endsWith(fold(filter.subjectEndsWith))
  );
}
