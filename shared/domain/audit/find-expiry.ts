/**
 * What expires, and what nobody will renew. It is told where it is to be renewed: once in the vault,
 * however many places hold it; at its place when it has no source there. What holds an older version
 * than its source is not told here, since renewing would not help it; see {@link gravityOf}.
 */
import { formatSource } from '../source.ts';
import { storeWithoutEffect } from '../ca-tier.ts';
import { targetKey } from '../target.ts';
import type { AuditView, SeenPlace, SeenSource } from './audit-view.ts';
import { comesNear, expiryCode, sayExpiry, type ExpiryCode } from './expiry.ts';
import { FINDING_KINDS } from './finding-kinds.ts';
import { foundAtPlace, foundAtSource, type Check, type Found } from './found.ts';
import { shellWord, someOf } from './wording.ts';
import { stepDown } from './severity.ts';
import type { Severity } from './audit-report.ts';

export const findExpiry: Check = (view) => [
  ...[...view.sources.values()].flatMap((seen) => atSource(seen, view)),
  ...[...view.places.values()].flatMap((seen) => atPlace(seen, view)),
];

function atSource(seen: SeenSource, view: AuditView): Found[] {
  const { completedAt, settings } = view.facts;
  const { row, certificate } = seen;
  // That of one that is disabled is told by SOURCE_DISABLED, where that does any harm.
  if (!certificate.enabled || row.expiresAt === undefined) return [];
  const step = expiryCode(row.expiresAt, completedAt, settings);
  const use = useOf(seen, view);
  if (step === undefined) {
    const renewed = row.renewal === undefined || row.renewal === 'auto';
    if (renewed || use !== 'used' || !comesNear(row.expiresAt, completedAt, settings)) return [];
  }
  const code = step ?? 'NO_AUTO_RENEWAL';
  return [
    foundAtSource(seen, {
      code,
      severity: use === 'unused' ? 'low' : asRenewed(code, row.renewal === 'auto'),
      message: `${row.id} ${sayExpiry(row.expiresAt, completedAt)}. ${sayPlaces(seen, use)}${sayRenewal(row.renewal)}`,
      cure: renewInVault(seen, row.renewal === 'auto'),
      dueAt: row.expiresAt,
    }),
  ];
}

/** What its vault renews by itself is a step milder, until it has expired all the same. */
function asRenewed(code: ExpiryCode | 'NO_AUTO_RENEWAL', auto: boolean): Severity {
  const usual = FINDING_KINDS[code].severity;
  return auto && code !== 'EXPIRED' ? stepDown(usual) : usual;
}

type Use = 'used' | 'unused' | 'unknown';

/** Whether anything that was read relies on a source; where a service is unread, nobody knows. */
export function useOf({ places, entry }: SeenSource, view: AuditView): Use {
  if (places.some(({ row }) => row.uses?.verdict !== 'unused')) return 'used';
  const elsewhere = entry?.bindings.some(({ target }) => !view.places.has(targetKey(target)));
  if (elsewhere === true) return 'used';
  return view.servicesComplete ? 'unused' : 'unknown';
}

function sayPlaces({ places }: SeenSource, use: Use): string {
  if (places.length === 0) {
    return use === 'unused' ? 'No service that was read holds it. ' : '';
  }
  const where = someOf(
    places.map(({ row }) => row.id),
    3,
  );
  return use === 'unused' ? `It is at ${where}, and nothing uses it. ` : `It is at ${where}. `;
}

function sayRenewal(renewal: SeenSource['row']['renewal']): string {
  switch (renewal) {
    case 'auto':
      return 'Its vault is set to renew it.';
    case 'notify-only':
      return 'Its vault only writes to its contacts, and does not renew it.';
    case 'none':
      return 'Nothing renews it by itself.';
    case undefined:
      return 'Whether its vault renews it is not known.';
  }
}

function renewInVault({ source }: SeenSource, auto: boolean): string {
  const at = `--vault-name ${source.vault} --name ${source.name}`;
  const renew = `az keyvault certificate create ${at} --policy @policy.json`;
  const upload = `npx certkeeper upload {file} ${formatSource(source)} --new-version`;
  return auto
    ? `See whether its renewal is stuck: az keyvault certificate pending show ${at}; or renew it now: ${renew}`
    : `Create a new version: ${renew}; or upload one: ${upload}. To have it renewed by itself, give its policy a lifetime action AutoRenew.`;
}

/** Only these are renewed at the place itself, as far as anybody knows. */
const RENEWED_AT_PLACE = new Set<SeenPlace['standing']>([
  'uploaded',
  'managed',
  'foreign',
  'unknown',
]);

function atPlace(seen: SeenPlace, view: AuditView): Found[] {
  const { row, standing, service } = seen;
  const { completedAt, settings } = view.facts;
  if (!RENEWED_AT_PLACE.has(standing)) return [];
  // That nothing uses it is all there is to say of it: USED_BY_NOTHING.
  if (row.uses?.verdict === 'unused') return [];
  if (row.place === 'ca' && storeWithoutEffect(service.name, service.tier) !== undefined) return [];
  const step = expiryCode(row.expiresAt, completedAt, settings);
  if (step === undefined || row.expiresAt === undefined) {
    return standing === 'uploaded' && row.place !== 'ca' ? [willNotRotate(seen, view)] : [];
  }
  const managed = standing === 'managed';
  // Azure renews what it has issued when there are some weeks left.
  if (managed && step !== 'EXPIRED' && step !== 'EXPIRES_VERY_SOON') return [];
  return [
    foundAtPlace(seen, {
      code: step,
      severity: asRenewed(step, managed),
      message: `${row.id} ${sayExpiry(row.expiresAt, completedAt)}. ${WHO_RENEWS[standing] ?? ''}`,
      cure: managed ? `See in the portal why Azure has not renewed it.` : renewAtPlace(seen, view),
      dueAt: row.expiresAt,
    }),
  ];
}

const WHO_RENEWS: Partial<Readonly<Record<SeenPlace['standing'], string>>> = {
  uploaded: 'It was uploaded, so nothing renews it.',
  managed: 'Azure issued it and is to renew it.',
  foreign: 'Its vault is not under the care of Certkeeper, so whether it is renewed is not known.',
  unknown: 'Whether it is renewed is not known, since its source could not be read.',
};

function willNotRotate(seen: SeenPlace, view: AuditView): Found {
  const { row } = seen;
  const due =
    row.expiresAt === undefined ? '' : ` It ${sayExpiry(row.expiresAt, view.facts.completedAt)}.`;
  return foundAtPlace(seen, {
    code: 'UPLOADED_NOT_ROTATING',
    message: `${row.id} was uploaded, so it will never be rotated by itself.${due}`,
    cure: renewAtPlace(seen, view),
    ...(row.expiresAt === undefined ? {} : { dueAt: row.expiresAt }),
  });
}

function renewAtPlace({ row, standing, source, service }: SeenPlace, view: AuditView): string {
  if (standing === 'foreign') return 'Renew it in its vault.';
  if (source !== undefined) {
    return `Look at it in its vault: az keyvault certificate show --vault-name ${source.vault} --name ${source.name}`;
  }
  switch (row.place) {
    case 'ca':
      return `Add its successor: npx certkeeper ca add ${service.name} {file}`;
    case 'hostname':
      return `Put its certificate into Key Vault, and let the custom domain of ${service.name} refer to it without version: https://{vault}.${view.facts.vaultSuffix}/secrets/{name}`;
    default: {
      const own = row.thumbprint === undefined ? undefined : view.byThumbprint.get(row.thumbprint);
      const target = shellWord(row.id);
      return own === undefined
        ? `Keep it in Key Vault: npx certkeeper upload {file} {vault}/{name} -t ${target} --take-over`
        : `Its vault has it already: npx certkeeper bind ${own.row.id} -t ${target} --take-over`;
    }
  }
}
