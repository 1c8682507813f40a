import type { Asker } from '../uploads/asker.ts';
import { notAllowed, readPaths } from '../uploads/decide-targets.ts';
import { notBound } from '../uploads/detach-targets.ts';
import { requireKeyTarget } from './decide-places.ts';
import type { ManagementPorts } from './ports.ts';
import { consents } from '../../../shared/domain/consent.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import { formatSource, type Source } from '../../../shared/domain/source.ts';
import {
  formatTarget,
  isKeyTarget,
  targetKey,
  type KeyTarget,
} from '../../../shared/domain/target.ts';

/** What became of a target. */
export interface RemovedCertificate {
  readonly target: string;
  /** Thumbprints of what was taken away; older ones within their overlap too. */
  readonly removed: readonly string[];
}

/**
 * Takes away what was registered without a vault, within the call. What somebody else registered
 * stays, the same certificate too, and so does one on which another source relies. What fails midway
 * goes on from there when it is asked for again without targets.
 *
 * Thrown before anything is changed: TerminalError `BINDING_NOT_FOUND`, `BINDING_NOT_ALLOWED`.
 *
 * @param paths none = from wherever it is
 */
export async function removeCertificate(
  ports: ManagementPorts,
  asked: { readonly source: Source; readonly paths: readonly string[]; readonly asker: Asker },
): Promise<readonly RemovedCertificate[]> {
  const { source, paths, asker } = asked;
  const { record, bindings } = await ports.ledger.ofSource(source);
  const bound = bindings.flatMap(({ target }) => (isKeyTarget(target) ? [target] : []));
  const targets = paths.length === 0 ? bound : readPaths(source, paths).map(requireKeyTarget);
  if (targets.length === 0) throw registeredNowhere(source);
  for (const target of targets) requireBound(ports, source, { target, bound, asker });
  const done: RemovedCertificate[] = [];
  try {
    for (const target of targets) {
      const removed = await ports.withdraw(source, target);
      await ports.ledger.release(source, [target]);
      done.push({
        target: formatTarget(target),
        removed: removed.map(({ thumbprint }) => thumbprint),
      });
    }
  } finally {
    // What was done before something failed is told all the same.
    if (done.length > 0) await note(ports, source, asker, done);
  }
  if (targets.length === bindings.length) {
    await ports.ledger.save({ ...record, problems: [] }, []);
  }
  return done;
}

async function note(
  { history, now }: ManagementPorts,
  source: Source,
  asker: Asker,
  done: readonly RemovedCertificate[],
): Promise<void> {
  await history.add({
    source,
    at: now().toISOString(),
    what: 'detach',
    by: asker.by,
    targets: done.map(({ target, removed }) => ({
      target,
      outcome: removed.length > 0 ? 'removed' : 'released',
      reason: 'DetachAsked',
    })),
  });
}

function requireBound(
  { rules }: ManagementPorts,
  source: Source,
  facts: {
    readonly target: KeyTarget;
    readonly bound: readonly KeyTarget[];
    readonly asker: Asker;
  },
): void {
  const { target, bound, asker } = facts;
  if (!bound.some((one) => targetKey(one) === targetKey(target))) throw notBound(source, target);
  if (!asker.mayManage && !consents(rules, source, target)) throw notAllowed(source, target);
}

function registeredNowhere(source: Source): TerminalError {
  const name = formatSource(source);
  return new TerminalError({
    code: 'BINDING_NOT_FOUND',
    message: `Nothing is registered under the name ${name}.`,
    resource: name,
    cure: 'Look at what is registered, and by whom: GET /api/management-certificates',
  });
}
