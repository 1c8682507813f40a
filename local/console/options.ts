/** Command-line options as the commands of this repository read them. */
import path from 'node:path';
import { parseArgs, type ParseArgsConfig } from 'node:util';

/** Thrown when the command line cannot be read. The message is one line for a person. */
export class UsageError extends Error {}

/** Reads options; nothing may stand beside them. Throws UsageError for what is not an option. */
export function readOptions<Options extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: Options,
) {
  try {
    return parseArgs({ args: [...args], strict: true, allowPositionals: false, options }).values;
  } catch (error) {
    // Node's further sentences explain positional arguments, which these commands do not have.
    const [message = 'Unreadable option'] = (error as Error).message.split(/\.\s/);
    throw new UsageError(`${message}. --help lists the options.`, { cause: error });
  }
}

/** A port from 0 (any free one) to 65535 - `following`. Throws UsageError naming the option. */
export function readPort(option: string, text: string, following = 0): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  const highest = 65_535 - following;
  if (port <= highest) return port;
  throw new UsageError(`${option} must be a number from 0 to ${highest}, not "${text}".`);
}

/**
 * Throws UsageError naming two options that want the same port; 0 is any free one, so it may be
 * given twice.
 * @param ports the ports of each option, those that follow the given one included
 */
export function refuseSharedPorts(ports: Readonly<Record<string, readonly number[]>>): void {
  const owners = new Map<number, string>();
  for (const [option, wanted] of Object.entries(ports)) {
    for (const port of wanted) {
      if (port === 0) continue;
      const other = owners.get(port);
      if (other !== undefined) {
        throw new UsageError(`${other} and ${option} both want port ${port}: give each its own.`);
      }
      owners.set(port, option);
    }
  }
}

/** A folder as an absolute path. Throws UsageError naming the option when there is no name. */
export function readFolder(option: string, text: string): string {
  if (text.trim() === '') throw new UsageError(`${option} must name a folder.`);
  return path.resolve(text);
}
