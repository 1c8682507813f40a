/**
 * The storage process: Azurite's three services on the loopback address. It ends when the process
 * that forked it ends, however that ended: the channel between them closes.
 *
 * Azurite's own command line is not used, for two reasons: it loads a telemetry library that takes
 * half of its memory and of its time to start, and it acknowledges writes before they are on disk.
 */
import type { Server } from 'node:http';
import Module, { createRequire } from 'node:module';
import path from 'node:path';
import type { StorageMessage, StorageService } from './messages.ts';
import { saveBeforeAnswer, type SavedDatabase } from './save-before-answer.ts';

const KEEP_ALIVE_SECONDS = 5;
const HOST = '127.0.0.1';

/** What of Azurite's server classes (`azurite/dist/src/common/ServerBase`) is used here. */
interface AzuriteServer {
  readonly httpServer: Server;
  readonly metadataStore: { readonly db: SavedDatabase };
  readonly extentMetadataStore?: { readonly db: SavedDatabase };
  start(): Promise<void>;
  close(): Promise<void>;
}
type Constructor = new (...args: readonly unknown[]) => unknown;

const script = process.argv[1] ?? '';
const [stateDir = '.', tables = 'on-disk', ...ports] = process.argv.slice(2);
const load = createRequire(script);

function send(message: StorageMessage): void {
  process.send?.(message);
}

/** Telemetry can then not be sent: the library that would send it is not there. */
function leaveTelemetryOut(): void {
  // `_load` is what require() calls; it is stable but not in Node's types.
  const loader = Module as unknown as { _load: (name: string, ...rest: unknown[]) => unknown };
  const original = loader._load;
  loader._load = function (name, ...rest) {
    return name === 'applicationinsights' ? {} : Reflect.apply(original, this, [name, ...rest]);
  };
}

function constructorOf(file: string): Constructor {
  // Compiled TypeScript with a default export.
  return (load(`azurite/dist/src/${file}.js`) as { default: Constructor }).default;
}

/** Positional arguments as in `azurite/dist/src/{service}/{Service}Configuration`, 3.37. */
function makeServer(service: StorageService, port: number): AzuriteServer {
  const file = (name: string) => path.join(stateDir, name);
  const title = service.replace(/^./, (letter) => letter.toUpperCase());
  const logging = [false, undefined, false, undefined];
  const compatibility = [false, true];
  const noCertificate = ['', '', '', undefined, false];
  const configuration =
    service === 'table'
      ? [
          ...[file('tables.json'), false, false, undefined, undefined, ...compatibility],
          ...[...noCertificate, tables === 'in-memory'],
        ]
      : [
          file(`${service}s.json`),
          file(`${service}-extents.json`),
          [{ locationId: 'Default', locationPath: file(`${service}s`), maxConcurrency: 10 }],
          ...logging,
          ...compatibility,
        ];
  const Configuration = constructorOf(`${service}/${title}Configuration`);
  const ServerClass = constructorOf(`${service}/${title}Server`);
  const options = new Configuration(HOST, port, KEEP_ALIVE_SECONDS, ...configuration);
  return new ServerClass(options) as AzuriteServer;
}

async function startServer(service: StorageService, port: number): Promise<AzuriteServer> {
  const server = makeServer(service, port);
  const stores = [server.metadataStore, server.extentMetadataStore];
  const databases = stores.flatMap((store) => (store === undefined ? [] : [store.db]));
  if (service !== 'table' || tables === 'on-disk') {
    saveBeforeAnswer(server.httpServer, databases, (line) => process.stderr.write(`${line}\n`));
  }
  try {
    await server.start();
    return server;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    send({ kind: 'failed', service, code, message });
    throw error;
  }
}

function portOf(server: AzuriteServer): number {
  const address = server.httpServer.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function main(): Promise<void> {
  leaveTelemetryOut();
  const port = (index: number) => Number(ports[index] ?? 0);
  const blob = await startServer('blob', port(0));
  const queue = await startServer('queue', port(1));
  const table = await startServer('table', port(2));
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    void Promise.allSettled([blob.close(), queue.close(), table.close()]).then(() =>
      process.exit(0),
    );
  };
  process.once('disconnect', stop);
  process.once('SIGTERM', stop);
  send({
    kind: 'ready',
    ports: { blob: portOf(blob), queue: portOf(queue), table: portOf(table) },
  });
}

// Ctrl-C reaches the whole group; this process ends when its parent is done with it.
process.on('SIGINT', () => undefined);
process.on('SIGHUP', () => undefined);
main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
});
