import { TerminalError } from '../../shared/domain/errors.ts';

/**
 * A service by the name that somebody gave, in lower case.
 * Thrown when it is not under care: TerminalError `SERVICE_NOT_CONFIGURED`.
 */
export function requireService(name: string, services: ReadonlySet<string>): string {
  const service = name.toLowerCase();
  if (services.has(service)) return service;
  throw new TerminalError({
    code: 'SERVICE_NOT_CONFIGURED',
    message: `The service ${service} is not under Certkeeper's care.`,
    resource: service,
    cure: "Add the service's resource id to CERTKEEPER_SERVICES.",
  });
}
