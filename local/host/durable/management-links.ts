/** Addresses of the management API (HttpApiHandler.cs of azure-functions-durable-extension). */

export const webhookPath = '/runtime/webhooks/durabletask';

export interface LinkOptions {
  /** `http://127.0.0.1:7071` */
  readonly origin: string;
  readonly hubName: string;
  readonly connectionName: string;
  readonly systemKey: string;
}

/** Instance id that the client library replaces by the real one. */
const idPlaceholder = 'INSTANCEID';

/**
 * The value of a `durableClient` binding (durable-functions OrchestrationClientInputData.js).
 * @param ownHubName the hub that is here. Addresses to create something name no hub on Azure; those
 *   of a client for another do here, so that nothing of it is created in this one.
 */
export function clientBinding(options: LinkOptions, ownHubName: string) {
  const baseUrl = `${options.origin}${webhookPath}`;
  const isOwn = options.hubName.toLowerCase() === ownHubName.toLowerCase();
  const hub = isOwn ? '' : `taskHub=${encodeURIComponent(options.hubName)}&`;
  const code = `${hub}${codeQuery(options)}`;
  const create = `${baseUrl}/orchestrators/{functionName}[/{instanceId}]`;
  return {
    taskHubName: options.hubName,
    creationUrls: {
      createNewInstancePostUri: `${create}?${code}`,
      createAndWaitOnNewInstancePostUri: `${create}?timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}&${code}`,
    },
    managementUrls: managementUrls(options, idPlaceholder, idPlaceholder),
    baseUrl,
    requiredQueryStringParameters: code,
    httpBaseUrl: baseUrl,
  };
}

/** What a start answers, and `createCheckStatusResponse` in an app. */
export function checkStatusLinks(options: LinkOptions, instanceId: string) {
  return managementUrls(options, instanceId, encodeURIComponent(instanceId));
}

function managementUrls(options: LinkOptions, id: string, segment: string) {
  const instance = `${options.origin}${webhookPath}/instances/${segment}`;
  const query = `taskHub=${encodeURIComponent(options.hubName)}&connection=${encodeURIComponent(options.connectionName)}&${codeQuery(options)}`;
  return {
    id,
    statusQueryGetUri: `${instance}?${query}`,
    sendEventPostUri: `${instance}/raiseEvent/{eventName}?${query}`,
    terminatePostUri: `${instance}/terminate?reason={text}&${query}`,
    rewindPostUri: `${instance}/rewind?reason={text}&${query}`,
    purgeHistoryDeleteUri: `${instance}?${query}`,
    restartPostUri: `${instance}/restart?${query}`,
    suspendPostUri: `${instance}/suspend?reason={text}&${query}`,
    resumePostUri: `${instance}/resume?reason={text}&${query}`,
  };
}

function codeQuery({ systemKey }: LinkOptions): string {
  return `code=${encodeURIComponent(systemKey)}`;
}
