import {
  createHttpHeaders,
  type HttpClient,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import { AzureClients } from '../../shared/azure/azure-clients.ts';
import { SUFFIX } from './domain-samples.ts';

/** What Azure answers to one request. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request as it went out. */
export interface Sent {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly ifMatch: string | undefined;
}

/** The real clients over answers that a test decides, and what they sent. */
export function makeScriptedAzure(answer: (sent: Sent) => Answer): {
  readonly clients: AzureClients;
  readonly sent: readonly Sent[];
} {
  const sent: Sent[] = [];
  const httpClient: HttpClient = {
    async sendRequest(request): Promise<PipelineResponse> {
      // As the real one does right before it sends.
      if (request.abortSignal?.aborted === true)
        throw new DOMException('It was given up.', 'AbortError');
      const url = new URL(request.url);
      const text = typeof request.body === 'string' ? request.body : undefined;
      const one: Sent = {
        method: request.method,
        host: url.host,
        path: url.pathname,
        query: url.searchParams,
        body: text === undefined ? undefined : JSON.parse(text),
        ifMatch: request.headers.get('if-match'),
      };
      sent.push(one);
      const { status, body, headers = {} } = answer(one);
      return {
        request,
        status,
        headers: createHttpHeaders({ 'content-type': 'application/json', ...headers }),
        bodyAsText: body === undefined ? '' : JSON.stringify(body),
      };
    },
  };
  const clients = new AzureClients({
    credential: {
      getToken: async () => ({ token: 'a-token', expiresOnTimestamp: Date.now() + 3_600_000 }),
    },
    httpClient,
    vaultSuffix: SUFFIX,
    managementUrl: 'https://management.azure.com',
    managementScope: 'https://management.azure.com/.default',
  });
  return { clients, sent };
}

/** A refusal in Azure's form. */
export function refuse(status: number, code: string, message = code): Answer {
  return { status, body: { error: { code, message } } };
}
