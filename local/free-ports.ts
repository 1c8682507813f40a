/** Finds out about taken ports before anything is started, so that one line can name the option. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { PortInUseError } from './port-in-use.ts';

export interface WantedPort {
  /** 0 = any free one: never in the way. */
  readonly port: number;
  readonly use: string;
  readonly option: string;
}

/** Throws PortInUseError. Thrown for the first of the ports that is taken on 127.0.0.1. */
export async function requireFreePorts(wanted: readonly WantedPort[]): Promise<void> {
  const seen = new Set<number>();
  for (const { port, use, option } of wanted) {
    if (port === 0) continue;
    if (seen.has(port) || !(await isFree(port))) throw new PortInUseError(port, use, option);
    seen.add(port);
  }
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  try {
    await once(probe.listen(port, '127.0.0.1'), 'listening');
    return true;
  } catch (error) {
    // Every refusal but this one is explained better by who wants the port.
    return (error as NodeJS.ErrnoException).code !== 'EADDRINUSE';
  } finally {
    probe.close();
  }
}
