import { noEtag } from '../../../shared/domain/cleanup-words.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import { isCertificateTarget, targetKey, formatTarget } from '../../../shared/domain/target.ts';
import type { CertificateTarget } from '../../../shared/domain/target.ts';
import type { Source } from '../../../shared/domain/source.ts';
import type { Asker } from './asker.ts';
import { consents } from '../../../shared/domain/consent.ts';
import { notAllowed, readPaths } from './decide-targets.ts';
import { thumbprintsOf } from '../../../shared/domain/known-thumbprints.ts';
import { notBound, requireMayForce, type Detaching } from './detach-targets.ts';
import type { DirectPorts } from './upload-directly.ts';

export interface DetachDirectlyPorts extends DirectPorts {
  /**
   * Reads API Management for what uses it.
   * Thrown when it may not be removed: TerminalError `TARGET_IN_USE`, `TARGET_MAY_BE_IN_USE`.
   */
  readonly requireUnused: (
    target: CertificateTarget,
    thumbprints: readonly string[],
    forced: boolean,
  ) => Promise<void>;
}

/**
 * Removes what was put at targets without a vault, within the call: there is no sync that could. What
 * somebody else has put there since is left. Doing it again finds nothing to do.
 *
 * Thrown before anything is changed: TerminalError `BINDING_NOT_FOUND`, `BINDING_NOT_ALLOWED`,
 * `TARGET_IN_USE`, `TARGET_MAY_BE_IN_USE`, `TARGET_CHANGED` when API Management tells no ETag, or that
 * the caller may not force.
 *
 * @param dryRun only says what would become of them
 */
export async function detachDirectly(
  ports: DetachDirectlyPorts,
  asked: {
    readonly source: Source;
    readonly paths: readonly string[];
    readonly asker: Asker;
    readonly dryRun: boolean;
    readonly force: boolean;
  },
): Promise<readonly Detaching[]> {
  const { source, paths, asker, dryRun, force } = asked;
  requireMayForce(asker, force);
  const entry = await ports.ledger.ofSource(source);
  const { record, bindings } = entry;
  const found: { target: CertificateTarget; etag: string | undefined }[] = [];
  for (const target of readPaths(source, paths)) {
    const binding = bindings.find((one) => targetKey(one.target) === targetKey(target));
    if (binding === undefined || !isCertificateTarget(target)) throw notBound(source, target);
    if (!asker.mayManage && !consents(ports.rules, source, target))
      throw notAllowed(source, target);
    const state = await ports.pushed.observe(target);
    const ours =
      state.kind === 'present' &&
      state.installed.reference.kind === 'uploaded' &&
      state.installed.thumbprint === binding.pushed?.thumbprint;
    const etag = ours ? state.installed.etag : undefined;
    if (ours) {
      if (etag === undefined) throw new TerminalError(noEtag(target));
      const thumbprints = thumbprintsOf(entry, target, state.installed.thumbprint);
      await ports.requireUnused(target, thumbprints, force);
    }
    found.push({ target, etag });
  }
  const targets = found.map(({ target, etag }): Detaching => ({
    target: formatTarget(target),
    step: etag === undefined ? 'release' : 'remove',
  }));
  if (dryRun) return targets;
  for (const { target, etag } of found) {
    if (etag !== undefined) await remove(ports, target, etag);
    await ports.ledger.release(source, [target]);
  }
  // With its last target there is nothing left that would not rotate.
  if (found.length === bindings.length) await ports.ledger.save({ ...record, problems: [] }, []);
  await ports.history.add({
    source,
    at: ports.now().toISOString(),
    what: 'detach',
    by: asker.by,
    targets: targets.map(({ target, step }) => ({
      target,
      outcome: step === 'remove' ? 'removed' : 'released',
      reason: 'DetachAsked',
    })),
  });
  return targets;
}

/** What was changed since the look is somebody else's now. */
async function remove(
  { pushed }: DetachDirectlyPorts,
  target: CertificateTarget,
  etag: string,
): Promise<void> {
  try {
    await pushed.remove(target, etag);
  } catch (error) {
    if (!(error instanceof TerminalError) || error.problem.code !== 'TARGET_CHANGED') throw error;
  }
}
