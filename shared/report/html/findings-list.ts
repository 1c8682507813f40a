/** Findings as they are read: what kind of work, which code, then each with its cure. */
import type { Acknowledgement } from '../../domain/audit/audit-report.ts';
import { html, type Html, type HtmlPart } from '../../pages/html.ts';
import { certificateLink } from './certificate-name.ts';
import { commandOf, groupFindings, type FindingGroup } from './finding-groups.ts';
import { countOf, toCount, toDay } from './format.ts';
import type { Book, Finding } from './page-data.ts';
import { copyButton, dayHtml, severityBadge, toName } from './words.ts';

export const FINDINGS_SHOWN = 25;
/** How many more at a time: ten thousand at once would keep a browser busy. */
export const MORE_FINDINGS = 200;

/** How the list is to be shown. */
export interface ListView {
  /** Whether a script is there to show more. */
  readonly live: boolean;
  isOpen(group: FindingGroup): boolean;
  /** How many of a group are shown. */
  shownOf(group: FindingGroup): number;
}

/** As a page opens: what is critical is open, the first ones of each group are shown. */
export const FIRST_VIEW: ListView = {
  live: false,
  isOpen: ({ severity }) => severity === 'critical',
  shownOf: () => FINDINGS_SHOWN,
};

/** Findings in groups, each under the heading of the work that cures it. */
export function findingsList(findings: readonly Finding[], book: Book, view: ListView): Html {
  if (findings.length === 0) {
    const none = book.findings.every(({ acknowledged }) => acknowledged !== undefined);
    return html`<p class="empty">
      ${none ? 'Nothing: there are no findings.' : 'No finding fits.'}
    </p>`;
  }
  return html`${groupFindings(findings).map(
    ({ title, groups }) =>
      html`<section class="cure-group">
        <h3>${title}</h3>
        ${groups.map((group) => groupHtml(group, book, view))}
      </section>`,
  )}`;
}

/** Findings that somebody lives with, each with why and until when. */
export function acknowledgedList(
  findings: readonly Finding[],
  book: Book,
  live: boolean,
  shown: number,
): Html {
  return html`<ul class="findings">
      ${findings.slice(0, shown).map((finding) => findingHtml(finding, book, finding.cure))}
    </ul>
    ${moreHtml(findings.length - shown, 'acknowledged', live)}`;
}

function groupHtml(group: FindingGroup, book: Book, view: ListView): Html {
  const open = view.isOpen(group);
  return html`<details class="group" data-group="${group.code}" ${open && html`open`}>
    <summary data-focus="group ${group.code}">
      ${severityBadge(group.severity)}
      <span class="group-title">${group.title}</span>
      <span class="quiet number">${toCount(group.findings.length)}</span>
      <code class="quiet">${group.code}</code>
    </summary>
    <div class="group-content">${(open || !view.live) && groupContent(group, book, view)}</div>
  </details>`;
}

/** What is inside of a group once it is open. */
export function groupContent(group: FindingGroup, book: Book, view: ListView): Html {
  const { cure, findings, code } = group;
  const shown = view.shownOf(group);
  return html`${
      cure !== undefined
        ? html`<div class="cure">${cureHtml(cure)}</div>`
        : findings.length > 1 && view.live && copyAll(findings)
    }
    <ul class="findings">
      ${findings
        .slice(0, shown)
        .map((finding) => findingHtml(finding, book, cure === undefined && finding.cure))}
    </ul>
    ${moreHtml(findings.length - shown, code, view.live)}`;
}

/** The commands of a group in one go, each once. */
function copyAll(findings: readonly Finding[]): HtmlPart {
  const commands = new Set(findings.map(({ cure }) => commandOf(cure)));
  commands.delete(undefined);
  if (commands.size < 2) return undefined;
  return html`<p class="copy-all">
    <button type="button" class="button button-small copy" data-copy="${[...commands].join('\n')}">
      Copy ${countOf(commands.size, 'command')}
    </button>
  </p>`;
}

function findingHtml(finding: Finding, book: Book, cure: string | false): Html {
  const { id, severity, message, about, since, dueAt, acknowledged } = finding;
  return html`<li class="finding" id="${id}" tabindex="-1">
    <p class="message name">${severityBadge(severity)} ${message}</p>
    <p class="quiet name">
      ${certificateLink(about, book)} · since
      ${toDay(since)}${dueAt && html` · due ${dayHtml(book.at, dueAt)}`}
      <span class="permalink"
        >·
        <a href="#${encodeURIComponent(id)}"
          >link<span class="visually-hidden"> to this finding</span></a
        ></span
      >
    </p>
    ${acknowledged && acknowledgementHtml(acknowledged)}
    ${cure !== false && html`<div class="cure">${cureHtml(cure)}</div>`}
  </li>`;
}

function cureHtml(cure: string): Html {
  const command = commandOf(cure);
  if (command === undefined) {
    return html`<p class="name">${cure}</p>
      ${copyButton(cure, 'what to do')}`;
  }
  const prose = cure.slice(0, cure.lastIndexOf(command));
  return html`<p class="name">${prose}<code>${command}</code></p>
    ${copyButton(command, 'the command')}`;
}

function acknowledgementHtml({ reason, until, by, from }: Acknowledgement): Html {
  const who = from === 'tag' ? ' by a tag of the source' : by && ` by ${toName(by)}`;
  return html`<p class="name">Acknowledged until ${toDay(until)}${who}: <q>${reason}</q></p>`;
}

/** @param of what the button shows more of: a code, or `acknowledged` */
function moreHtml(left: number, of: string, live: boolean): HtmlPart {
  if (left <= 0) return undefined;
  return live
    ? html`<p class="more">
        <button type="button" class="button button-small" data-more="${of}" data-focus="more ${of}">
          Show ${toCount(Math.min(left, MORE_FINDINGS))} of ${toCount(left)} more
        </button>
      </p>`
    : html`<p class="more quiet">${toCount(left)} more are in the report's JSON and CSV.</p>`;
}
