import { checkAccess } from '../../shared/domain/access-checks.ts';
import type { HeldRole, VaultFacts } from '../../shared/domain/access-facts.ts';
import { TerminalError, type Problem } from '../../shared/domain/errors.ts';
import type { AccessReader } from '../../shared/domain/ports.ts';
import { chooseIdentity, type ServiceObservation } from '../../shared/domain/service.ts';
import type { Source, SourceObservation } from '../../shared/domain/source.ts';
import type { ClientCertificateTarget } from '../../shared/domain/target.ts';

export interface DiagnoseInput {
  readonly source: Source;
  readonly target: ClientCertificateTarget;
  readonly observation: SourceObservation;
  readonly identityClientId?: string;
  readonly refusal: Problem;
}

/**
 * Finds out why API Management could not read a certificate. What Certkeeper may not look at is
 * said apart, and never as the service's fault. Changes nothing.
 * @returns the problems found, the likeliest first; the refusal itself comes last
 */
export function makeDiagnoseTarget(access: AccessReader, now: () => Date) {
  return async (input: DiagnoseInput): Promise<readonly Problem[]> => {
    const { source, target, observation, refusal } = input;
    const service = await access.service(target.service);
    const identityClientId = input.identityClientId ?? chosenClientId(service);
    const blindSpots: Problem[] = [];
    const look = async <Result>(read: () => Promise<Result>): Promise<Result | undefined> => {
      try {
        return await read();
      } catch (error) {
        if (!(error instanceof TerminalError)) throw error;
        blindSpots.push(error.problem);
        return undefined;
      }
    };
    const vault: VaultFacts | undefined = await look(() => access.vault(source.vault));
    const objectId = objectIdOf(service, identityClientId);
    const roles: readonly HeldRole[] | undefined =
      vault?.rbac === true && objectId !== undefined
        ? await look(() => access.rolesAt(vault.id, objectId))
        : [];
    const problems = checkAccess({
      source,
      current: observation.kind === 'present' ? observation.current : undefined,
      service,
      ...(identityClientId === undefined ? {} : { identityClientId }),
      vault,
      roles: roles ?? 'unknown',
      blindSpots,
      now: now().toISOString(),
    });
    return [...problems, refusal];
  };
}

/** What a new reference to the vault would name. */
function chosenClientId(service: ServiceObservation): string | undefined {
  const choice = chooseIdentity(service);
  return choice.kind === 'user-assigned' ? choice.clientId : undefined;
}

function objectIdOf(
  service: ServiceObservation,
  identityClientId: string | undefined,
): string | undefined {
  const { systemAssigned, userAssigned } = service.identity;
  if (identityClientId === undefined) return systemAssigned?.objectId;
  const clientId = identityClientId.toLowerCase();
  return userAssigned.find((one) => one.clientId.toLowerCase() === clientId)?.objectId;
}
