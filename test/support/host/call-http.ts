import type { ServerResponse } from 'node:http';
import type { CallHttpOptions, OrchestrationHandler } from 'durable-functions';
import type { DurableResponse } from '../../../local/host/durable/call-http.ts';
import {
  startRecordingServer,
  type RecordedRequest,
  type RecordingServer,
} from './recording-server.ts';

/** An orchestrator that makes the call it is given as input and gives back the whole answer. */
export const callOnce: OrchestrationHandler = function* (context) {
  const options = context.df.getInput<CallHttpOptions>();
  // What callHttp's task gives (durable-functions lib/src/http/DurableHttpResponse.js).
  const { statusCode, headers, content } = (yield context.df.callHttp(options)) as DurableResponse;
  return { statusCode, headers, content };
};

const servers: RecordingServer[] = [];

/** A server that is closed after the test. */
export async function serve(
  answer: (request: RecordedRequest, response: ServerResponse) => unknown,
): Promise<RecordingServer> {
  const server = await startRecordingServer(answer);
  servers.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});
