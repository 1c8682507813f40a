import { readDocuments } from './read-documents.ts';
import { sealThumbprint } from './seal.ts';
import type { AzureClients } from '../azure-clients.ts';
import { requireService, type CaredFor } from '../cared-for.ts';
import type { UseDocument } from '../../domain/certificate-use.ts';
import { TerminalError } from '../../domain/errors.ts';
import type { ServiceUsage, UsageScanner } from '../../domain/usage-ports.ts';
import { keyOfSource, keysOf, referencesAt, resolveUses } from '../../domain/resolve-uses.ts';

/**
 * Reads everything, every time, and trusts no list that only sums up what is there. Keeps no text
 * of what it reads, so that what it needs grows with what names certificates.
 *
 * It is one call that cannot be gone on with. It asks Azure for each place in which a policy can
 * stand: 3 calls for an API, 2 for each of its revisions, 1 for each operation, resolver, product and
 * fragment, and some 10 for the service and each workspace; each page of a list that has several is
 * read twice. A service of 100 APIs with 20 operations each takes some 2,500 calls, eight at once.
 *
 * Of one service at most one scan runs in this process. Whoever asks meanwhile waits for the next one,
 * together with all who do: what an answer is made of was never read before it was asked for.
 */
export function makeUsageScanner(
  clients: AzureClients,
  services: readonly CaredFor[],
  vaultSuffix: string,
  now: () => Date,
): UsageScanner {
  const scan = async (service: CaredFor): Promise<ServiceUsage> => {
    const asOf = now().toISOString();
    const documents: UseDocument[] = [];
    try {
      await readDocuments(clients, service, now, (some) => {
        for (const one of some) if (tellsSomething(one)) documents.push(one);
      });
    } catch (error) {
      const gone = error instanceof TerminalError && error.problem.code === 'SERVICE_NOT_FOUND';
      if (!gone) throw error;
      documents.length = 0;
    }
    // Parts come as they are answered.
    documents.sort((a, b) => (a.path < b.path ? -1 : 1));
    const keyed = resolveUses(documents, vaultSuffix, sealThumbprint);
    return {
      asOf,
      of: (target, thumbprints) => referencesAt(keyed, keysOf(target, thumbprints, sealThumbprint)),
      ofSource: (source) => referencesAt(keyed, [keyOfSource(source)]),
    };
  };
  const lines = new Map<string, Line>();
  return {
    async scan(name) {
      const service = requireService(services, name);
      const line = lines.get(service.name) ?? {};
      lines.set(service.name, line);
      return await takePart(line, () => scan(service));
    },
  };
}

/** The scans of one service. */
interface Line {
  /** The one that runs; never fails. */
  running?: Promise<unknown>;
  /** The one that has not begun yet. */
  next?: Promise<ServiceUsage>;
}

/** Joins the scan that begins next; where none runs, that is now. */
function takePart(line: Line, scan: () => Promise<ServiceUsage>): Promise<ServiceUsage> {
  if (line.next !== undefined) return line.next;
  if (line.running === undefined) return begin(line, scan);
  line.next = line.running.then(() => {
    delete line.next;
    return begin(line, scan);
  });
  return line.next;
}

function begin(line: Line, scan: () => Promise<ServiceUsage>): Promise<ServiceUsage> {
  const scanning = scan();
  const end = (): void => {
    delete line.running;
  };
  line.running = scanning.then(end, end);
  return scanning;
}

/** Most policies name no certificate. */
function tellsSomething({ mentions, unreadable, namedValue }: UseDocument): boolean {
  return mentions.length > 0 || unreadable !== undefined || namedValue !== undefined;
}
