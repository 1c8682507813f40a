import type { AuditedPart, AuditScope } from '../../domain/audit/audit-report.ts';
import { html, type Html } from '../../pages/html.ts';
import { countOf, toCount, toDayAndTime } from './format.ts';
import { portalLink } from './portal-link.ts';

/** What was looked at, and what could not be read. */
export function scopeSection({ vaults, services }: AuditScope): Html {
  const unreadable = [...services, ...vaults].filter((part) => part.unreadable !== undefined);
  return html`<section class="panel" aria-labelledby="scope">
    <div class="panel-head">
      <h2 id="scope">What was looked at</h2>
      <span class="quiet"
        >${countOf(services.length, 'service')},
        ${countOf(vaults.length, 'vault')}${
          unreadable.length > 0 && `; ${toCount(unreadable.length)} could not be read whole`
        }</span
      >
    </div>
    <details class="as-table" ${unreadable.length > 0 && html`open`}>
      <summary>All of them</summary>
      <table class="table scope">
        <caption class="visually-hidden">
          Services and vaults that were looked at
        </caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Kind</th>
            <th scope="col">Certificates</th>
            <th scope="col" class="column-as-of">Uses known as of</th>
          </tr>
        </thead>
        <tbody>
          ${services.map((part) => partLine(part, `API Management ${part.tier ?? ''}`))}
          ${vaults.map((part) => partLine(part, 'Key Vault'))}
        </tbody>
      </table>
    </details>
  </section>`;
}

function partLine(
  { name, resourceId, certificates, usageAsOf, unreadable }: AuditedPart,
  kind: string,
): Html {
  const portal = portalLink(resourceId);
  return html`<tr>
    <th scope="row" class="name">
      ${portal === undefined ? name : html`<a href="${portal}" rel="noreferrer">${name}</a>`}
      ${
        unreadable &&
        html`<p>
          <span class="badge high">Not read whole</span> ${unreadable.message} ${unreadable.cure}
        </p>`
      }
    </th>
    <td>${kind}</td>
    <td class="number">${toCount(certificates)}</td>
    <td class="column-as-of">${usageAsOf && toDayAndTime(usageAsOf)}</td>
  </tr>`;
}
