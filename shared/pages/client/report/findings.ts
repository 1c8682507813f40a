import { groupFindings, type FindingGroup } from '../../../report/html/finding-groups.ts';
import {
  acknowledgedList,
  findingsList,
  FINDINGS_SHOWN,
  FIRST_VIEW,
  groupContent,
  MORE_FINDINGS,
  type ListView,
} from '../../../report/html/findings-list.ts';
import type { Book, Finding } from '../../../report/html/page-data.ts';
import { findElement, onClick } from '../find-element.ts';
import { keepFocus } from '../keep-focus.ts';
import { putHtml } from '../put-html.ts';

const ACKNOWLEDGED = 'acknowledged';

export interface FindingsPart {
  show(findings: readonly Finding[], acknowledged: readonly Finding[]): void;
  /** Brings a finding into the page; false when it is not among those shown. */
  reveal(id: string): boolean;
  /** Opens every group and shows all of it, for print; `false` puts the page back. */
  showWhole(whole: boolean): void;
}

/** The groups of findings: what is in one is written when it is opened. */
export function setUpFindings(
  list: HTMLElement,
  acknowledgedHolder: HTMLElement,
  book: Book,
): FindingsPart {
  const opened = new Map<string, boolean>();
  /** How many are shown of a group, or of those acknowledged. */
  const counts = new Map<string, number>();
  let groups = new Map<string, FindingGroup>();
  let printing = false;
  let findings: readonly Finding[] = [];
  let acknowledged: readonly Finding[] = [];
  const view: ListView = {
    live: true,
    isOpen: (group) => printing || (opened.get(group.code) ?? FIRST_VIEW.isOpen(group)),
    shownOf: ({ code }) => shown(code),
  };

  // `toggle` does not bubble.
  list.addEventListener('toggle', onToggle, { capture: true });
  onClick(document, 'data-more', (of) => {
    counts.set(of, shown(of) + MORE_FINDINGS);
    draw();
  });
  return {
    show: (given, givenAcknowledged) => {
      findings = given;
      acknowledged = givenAcknowledged;
      groups = new Map(
        groupFindings(findings).flatMap((cure) => cure.groups.map((group) => [group.code, group])),
      );
      draw();
    },
    reveal: (id) => {
      const finding = [...findings, ...acknowledged].find((one) => one.id === id);
      if (finding === undefined) return false;
      const of = finding.acknowledged === undefined ? finding.code : ACKNOWLEDGED;
      const among = groups.get(of)?.findings ?? acknowledged;
      opened.set(of, true);
      counts.set(of, Math.max(shown(of), among.indexOf(finding) + 1));
      draw();
      return true;
    },
    showWhole: (wanted) => {
      printing = wanted;
      draw();
    },
  };

  function shown(of: string): number {
    return printing ? Infinity : (counts.get(of) ?? FINDINGS_SHOWN);
  }

  function draw(): void {
    keepFocus(() => {
      putHtml(list, findingsList(findings, book, view));
      putHtml(acknowledgedHolder, acknowledgedList(acknowledged, book, true, shown(ACKNOWLEDGED)));
    });
  }

  function onToggle({ target }: Event): void {
    if (!(target instanceof HTMLDetailsElement)) return;
    const group = groups.get(target.dataset['group'] ?? '');
    if (group === undefined || printing) return;
    opened.set(group.code, target.open);
    const content = findElement('.group-content', HTMLElement, target);
    if (target.open && content.childElementCount === 0) {
      putHtml(content, groupContent(group, book, view));
    }
  }
}
