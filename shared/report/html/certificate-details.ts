import { html, type Html, type HtmlPart } from '../../pages/html.ts';
import { countOf, toDay, toDayAndTime } from './format.ts';
import type { Book, Row } from './page-data.ts';
import { dayHtml, ORIGIN_WORDS, PLACE_WORDS, RENEWAL_WORDS, severityBadge } from './words.ts';

/** Everything that the report has of a certificate, in a list; what it does not know is left out. */
export function certificateDetails(row: Row, book: Book): Html {
  const facts: readonly (readonly [string, HtmlPart])[] = [
    ['Where', `${PLACE_WORDS[row.place]}: ${row.id}`],
    ['Origin', ORIGIN_WORDS[row.origin]],
    ['Source', row.source],
    ['Subject', row.subject],
    ['Names', row.sans?.join(', ')],
    ['Issuer', row.issuer],
    ['Serial number', code(row.serialNumber)],
    ['Key', [row.key, row.signature].filter(Boolean).join(', ')],
    ['Valid', validity(row, book.at)],
    ['Thumbprint', code(row.thumbprint)],
    ["Source's thumbprint", row.place !== 'vault' && code(row.sourceThumbprint)],
    ["Source's version", code(row.version)],
    ['Pinned to version', code(row.pinnedVersion)],
    ['In its vault', row.enabled === false && 'disabled'],
    ['Renewed', row.renewal && RENEWAL_WORDS[row.renewal]],
    ['Kept current', row.binding],
    ['Uses', row.uses && usesText(row.uses)],
    ['Used by', row.uses && usedBy(row.uses)],
    ['Last rotation', row.lastRotatedAt && rotationText(row.lastRotatedAt, row.rotationSeconds)],
    ['Last read of the vault', row.refreshFailure && failureText(row.refreshFailure)],
    ['To be removed', row.removedOn && dayHtml(book.at, row.removedOn)],
    ['Owner', row.owner],
    ['Findings', findingLinks(row, book)],
  ];
  return html`<dl class="facts">
    ${facts.map(
      ([title, fact]) =>
        fact !== undefined &&
        fact !== false &&
        fact !== '' &&
        html`<div>
          <dt>${title}</dt>
          <dd class="name">${fact}</dd>
        </div>`,
    )}
  </dl>`;
}

function code(text: string | undefined): HtmlPart {
  return text !== undefined && html`<code>${text}</code>`;
}

function validity({ notBefore, expiresAt }: Row, at: string): HtmlPart {
  if (expiresAt === undefined) return undefined;
  return html`${notBefore && `${toDay(notBefore)} to `}${dayHtml(at, expiresAt)}`;
}

function usesText({ verdict, references, byThumbprint, asOf }: NonNullable<Row['uses']>): string {
  const counted =
    verdict === 'unused'
      ? 'nothing'
      : `${countOf(references, 'reference')}${verdict === 'may-be-in-use' ? ' or more' : ''}`;
  const thumbprint = byThumbprint > 0 ? `, ${String(byThumbprint)} by thumbprint` : '';
  return `${counted}${thumbprint}, as of ${toDayAndTime(asOf)}`;
}

/** Paths, each of which may refer to it more than once; of many the first ones. */
function usedBy({ where = [] }: NonNullable<Row['uses']>): HtmlPart {
  return (
    where.length > 0 &&
    html`<ul>
      ${where.map((path) => html`<li><code>${path}</code></li>`)}
    </ul>`
  );
}

function rotationText(at: string, seconds: number | undefined): string {
  const took = seconds === undefined ? '' : `, ${countOf(seconds, 'second')} after the version`;
  return `${toDayAndTime(at)}${took}`;
}

function failureText({ code: failure, message }: NonNullable<Row['refreshFailure']>): string {
  return `failed with ${failure}: ${message}`;
}

function findingLinks(row: Row, book: Book): HtmlPart {
  const findings = book.findingsOf(row);
  return (
    findings.length > 0 &&
    html`<ul>
      ${findings.map(
        ({ id, severity, message }) =>
          html`<li>
            ${severityBadge(severity)}
            <a href="#${encodeURIComponent(id)}">${message}</a>
          </li>`,
      )}
    </ul>`
  );
}
