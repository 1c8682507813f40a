import { makePlans, readOnly } from './cleanup/dry-run.ts';
import { collectProblems } from './cleanup/problems.ts';
import { surveyWorkspaces } from './survey-workspaces.ts';
import type { SurveyedService } from '../../shared/contracts/sweep.ts';
import type { Binding } from '../../shared/domain/binding.ts';
import type { Problem } from '../../shared/domain/errors.ts';
import type { Ledger } from '../../shared/domain/ledger-ports.ts';
import type { ClientCertificates, PushedCertificates } from '../../shared/domain/target-ports.ts';
import { formatSource, isWithoutVault, type Source } from '../../shared/domain/source.ts';
import {
  formatTarget,
  isUnreadable,
  parseTarget,
  targetKey,
  type ClientCertificateTarget,
} from '../../shared/domain/target.ts';
import type { InstalledCertificate } from '../../shared/domain/target-state.ts';

/**
 * Lists a service's client certificates and writes into the ledger what it lacks: certificates of
 * vaults under care that somebody attached by hand. What it knows is brought up to date with what
 * the service reports, so that the survey of the vaults sees what is behind. So are the certificates
 * that Certkeeper put into the service's workspaces. Idempotent. A dry run writes nothing, and says
 * what it would.
 */
export function makeSurveyService(ports: {
  readonly certificates: Pick<ClientCertificates, 'list'>;
  readonly pushed: Pick<PushedCertificates, 'list'>;
  readonly ledger: Ledger;
  readonly vaults: ReadonlySet<string>;
}) {
  return async (input: { service: string; dryRun?: boolean }): Promise<SurveyedService> => {
    const { service, dryRun = false } = input;
    const plans = makePlans();
    const ledger = dryRun ? readOnly(ports.ledger, plans) : ports.ledger;
    const claims = await ledger.claimsOf(service);
    const inPlace = new Set<string>();
    const problems = collectProblems();
    let certificates = 0;
    let discovered = 0;
    let unmanaged = 0;
    for await (const { id, installed } of ports.certificates.list(service)) {
      certificates += 1;
      const at = targetKey({ kind: 'client-certificate', service, id });
      if (await isInPlaceWithoutVault(ledger, claims.get(at), at, installed)) inPlace.add(at);
      const source = sourceOf(installed);
      if (source === undefined || !ports.vaults.has(source.vault)) {
        if (!claims.has(at)) unmanaged += 1;
        continue;
      }
      const target: ClientCertificateTarget = { kind: 'client-certificate', service, id };
      if (isUnreadable(parseTarget(formatTarget(target), source))) {
        unmanaged += 1;
        problems.add(cannotBeKept(target));
        continue;
      }
      const owner = claims.get(targetKey(target));
      if (owner === undefined) {
        if ((await ledger.record(source)).unbound === true) {
          unmanaged += 1;
          continue;
        }
        if ((await ledger.claim(source, target)) === 'taken') continue;
        discovered += 1;
      } else if (formatSource(owner) !== formatSource(source)) {
        // Pointed elsewhere by somebody: that is for its owner's sync to say.
        continue;
      }
      inPlace.add(targetKey(target));
      const known = await ledger.binding(source, target);
      const binding = toBinding(source, target, installed, known);
      if (binding !== known) await ledger.saveBinding(binding);
    }
    for (const [key, owner] of claims) {
      if (!inPlace.has(key)) await doubt(ledger, owner, key);
    }
    problems.add(...(await surveyWorkspaces({ ...ports, ledger }, service, claims)));
    return {
      certificates,
      discovered,
      unmanaged,
      ...problems.told(),
      ...(dryRun ? plans.told() : {}),
    };
  };
}

/** What was uploaded without a vault refers to none: it is known by its thumbprint. */
async function isInPlaceWithoutVault(
  ledger: Pick<Ledger, 'binding'>,
  owner: Source | undefined,
  key: string,
  { thumbprint }: InstalledCertificate,
): Promise<boolean> {
  if (owner === undefined || !isWithoutVault(owner)) return false;
  const target = parseTarget(key, owner);
  if (isUnreadable(target)) return false;
  return (await ledger.binding(owner, target))?.pushed?.thumbprint === thumbprint;
}

/** API Management allows ids that no path can hold, such as one with a blank. */
function cannotBeKept(target: ClientCertificateTarget): Problem {
  const path = formatTarget(target);
  return {
    code: 'TARGET_UNREADABLE',
    message: `${path} uses a certificate under care, and its id cannot be written as a target path, so Certkeeper does not keep it current.`,
    resource: path,
    cure: 'Attach the certificate under an id of letters, digits and hyphens, and use that one.',
  };
}

/**
 * No event tells that a target was deleted or pointed elsewhere. What the ledger believed of it is
 * taken back, so that the survey of the vaults asks for a sync, which reads it.
 */
async function doubt(ledger: Ledger, owner: Source, key: string): Promise<void> {
  const target = parseTarget(key, owner);
  if (isUnreadable(target) || target.kind !== 'client-certificate') return;
  const known = await ledger.binding(owner, target);
  if (known?.claimed !== true) return;
  // What is blocked or failed is looked at by every sweep anyway, and keeps saying why.
  const believed = known.targetThumbprint !== undefined || known.versionless;
  if (known.status !== 'verified' && !(known.status === 'pending' && believed)) return;
  const { targetThumbprint: _, ...rest } = known;
  await ledger.saveBinding({ ...rest, status: 'pending', versionless: false });
}

function sourceOf({ reference }: InstalledCertificate): Source | undefined {
  return reference.kind === 'key-vault' ? reference.secret.source : undefined;
}

function toBinding(
  source: Source,
  target: ClientCertificateTarget,
  { reference, thumbprint }: InstalledCertificate,
  known: Binding | undefined,
): Binding {
  const versionless =
    reference.kind === 'key-vault' &&
    reference.secret.version === undefined &&
    reference.secret.collection === 'secrets';
  if (known?.claimed !== true) {
    return {
      source,
      target,
      origin: 'discovered',
      claimed: true,
      status: 'pending',
      versionless,
      ...(thumbprint === undefined ? {} : { targetThumbprint: thumbprint }),
    };
  }
  if (known.versionless === versionless && known.targetThumbprint === thumbprint) return known;
  // What the service no longer reports is no longer known, whatever the ledger said before.
  const { targetThumbprint: _, ...rest } = known;
  return {
    ...rest,
    status: 'pending',
    versionless,
    ...(thumbprint === undefined ? {} : { targetThumbprint: thumbprint }),
  };
}
