import type { ApiClient } from './api-client.ts';
import type { Io } from './io.ts';
import type { Output } from './output.ts';

/** What a command works with. */
export interface Session {
  readonly api: ApiClient;
  readonly io: Io;
  readonly output: Output;
}
