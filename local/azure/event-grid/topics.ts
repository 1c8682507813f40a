/** Custom topics and system topics in Resource Manager (API specification, `Topics`, `SystemTopics`). */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { AzureFault, type AzureRequest, type AzureResponse, type World } from '../service.ts';
import { invalidRequest, readBody, resourceNotFound, type GridAddress } from './arm.ts';
import { keyOfId, type GridDocuments, type SystemTopic, type Topic } from './documents.ts';

const NAME = /^[0-9A-Za-z-]{3,50}$/;
const KEY_BYTES = 32;

const tagsBody = z.record(z.string(), z.string()).nullish();
const topicBody = z.looseObject({
  location: z.string().min(1),
  tags: tagsBody,
  properties: z
    .looseObject({
      inputSchema: z.enum(['EventGridSchema', 'CloudEventSchemaV1_0']).nullish(),
    })
    .nullish(),
});
const systemTopicBody = z.looseObject({
  location: z.string().min(1),
  tags: tagsBody,
  properties: z.looseObject({ source: z.string().startsWith('/'), topicType: z.string().min(1) }),
});

/** `{name}.{region}-1.eventgrid.azure.net`. */
export function hostOf(topic: Topic): string {
  const region = topic.location.toLowerCase().replaceAll(' ', '');
  return `${topic.name.toLowerCase()}.${region}-1.eventgrid.azure.net`;
}

export function topicByName(documents: GridDocuments, name: string): Topic | undefined {
  return documents.topics.list().find((topic) => topic.name.toLowerCase() === name.toLowerCase());
}

/** Answers `{scope}/providers/Microsoft.EventGrid/topics/…`. */
export function answerTopics(
  world: World,
  documents: GridDocuments,
  request: AzureRequest,
  { scope, rest }: GridAddress,
): AzureResponse {
  const [, name, action] = rest;
  if (name === undefined)
    return listBelow(documents.topics.list(keyOfId(`${scope}/`)).map(showTopic));
  const id = `${scope}/providers/Microsoft.EventGrid/topics/${name}`;
  const found = documents.topics.get(keyOfId(id));
  if (request.method === 'PUT' && action === undefined) {
    const body = readBody(request, topicBody);
    const other = topicByName(documents, name);
    if (!NAME.test(name)) throw invalidName('Topic');
    if (other !== undefined && keyOfId(other.id) !== keyOfId(id)) {
      // The name is part of the host, so it is taken for everybody (assumed wording).
      throw new AzureFault(409, 'Conflict', `The topic name '${name}' is already in use.`);
    }
    const topic: Topic = {
      id: found?.id ?? id,
      name: found?.name ?? name,
      location: found?.location ?? body.location,
      tags: body.tags ?? {},
      // "The input schema cannot be changed once the topic exists" (update reference).
      inputSchema: found?.inputSchema ?? body.properties?.inputSchema ?? 'EventGridSchema',
      sealedKeys: found?.sealedKeys ?? [makeKey(world), makeKey(world)],
      received: found?.received ?? 0,
    };
    documents.topics.put(keyOfId(id), topic);
    return { status: 201, body: showTopic(topic) };
  }
  if (request.method === 'DELETE' && action === undefined) {
    if (found === undefined) return { status: 204 };
    world.store.transaction(() => {
      documents.topics.delete(keyOfId(id));
      deleteSubscriptionsBelow(documents, id);
    });
    return { status: 200 };
  }
  if (found === undefined) throw resourceNotFound('topics', name);
  if (request.method === 'GET' && action === undefined) {
    return { status: 200, body: showTopic(found) };
  }
  if (request.method === 'POST' && action?.toLowerCase() === 'listkeys') {
    return { status: 200, body: showKeys(world, found) };
  }
  if (request.method === 'POST' && action?.toLowerCase() === 'regeneratekey') {
    const { keyName } = readBody(request, z.looseObject({ keyName: z.enum(['key1', 'key2']) }));
    const [key1, key2] = found.sealedKeys;
    const changed: Topic = {
      ...found,
      sealedKeys: keyName === 'key1' ? [makeKey(world), key2] : [key1, makeKey(world)],
    };
    documents.topics.put(keyOfId(id), changed);
    return { status: 200, body: showKeys(world, changed) };
  }
  throw notAllowed(request);
}

/** Answers `{scope}/providers/Microsoft.EventGrid/systemTopics/…`, subscriptions left out. */
export function answerSystemTopics(
  world: World,
  documents: GridDocuments,
  request: AzureRequest,
  { scope, rest }: GridAddress,
): AzureResponse {
  const [, name] = rest;
  if (name === undefined) {
    return listBelow(documents.systemTopics.list(keyOfId(`${scope}/`)).map(showSystemTopic));
  }
  const id = `${scope}/providers/Microsoft.EventGrid/systemTopics/${name}`;
  const found = documents.systemTopics.get(keyOfId(id));
  if (request.method === 'PUT') {
    if (!NAME.test(name)) throw invalidName('System topic');
    const { location, tags, properties } = readBody(request, systemTopicBody);
    const rival = documents.systemTopics
      .list()
      .find(
        (other) =>
          other.source.toLowerCase() === properties.source.toLowerCase() &&
          keyOfId(other.id) !== keyOfId(id),
      );
    if (rival !== undefined) {
      // "Only one system topic can exist for a source" (system topics overview); assumed wording.
      throw invalidRequest(
        `Only one system topic is allowed per source. Existing system topic is ${rival.id}.`,
      );
    }
    if (found !== undefined && found.source.toLowerCase() !== properties.source.toLowerCase()) {
      throw invalidRequest('The source of a system topic cannot be changed.');
    }
    const topic: SystemTopic = {
      id: found?.id ?? id,
      name: found?.name ?? name,
      location,
      tags: tags ?? {},
      source: properties.source,
      topicType: properties.topicType,
    };
    documents.systemTopics.put(keyOfId(id), topic);
    return { status: 201, body: showSystemTopic(topic) };
  }
  if (request.method === 'DELETE') {
    if (found === undefined) return { status: 204 };
    world.store.transaction(() => {
      documents.systemTopics.delete(keyOfId(id));
      deleteSubscriptionsBelow(documents, id);
    });
    return { status: 200 };
  }
  if (found === undefined) throw resourceNotFound('systemTopics', name);
  if (request.method === 'GET') return { status: 200, body: showSystemTopic(found) };
  throw notAllowed(request);
}

/** Whether the text is one of the topic's keys. */
export function isKeyOf(world: World, topic: Topic, text: string): boolean {
  return topic.sealedKeys.some((sealed) => world.unseal(sealed).toString('base64') === text);
}

function deleteSubscriptionsBelow(documents: GridDocuments, id: string): void {
  for (const subscription of documents.subscriptions.list(keyOfId(`${id}/`))) {
    documents.subscriptions.delete(keyOfId(subscription.id));
  }
}

function showTopic(topic: Topic): Record<string, unknown> {
  return {
    id: topic.id,
    name: topic.name,
    type: 'Microsoft.EventGrid/topics',
    location: topic.location,
    tags: topic.tags,
    properties: {
      provisioningState: 'Succeeded',
      endpoint: `https://${hostOf(topic)}/api/events`,
      inputSchema: topic.inputSchema,
      publicNetworkAccess: 'Enabled',
      disableLocalAuth: false,
    },
  };
}

function showSystemTopic(topic: SystemTopic): Record<string, unknown> {
  return {
    id: topic.id,
    name: topic.name,
    type: 'Microsoft.EventGrid/systemTopics',
    location: topic.location,
    tags: topic.tags,
    properties: {
      provisioningState: 'Succeeded',
      source: topic.source,
      topicType: topic.topicType,
    },
  };
}

function showKeys(world: World, topic: Topic): Record<string, string> {
  const [key1, key2] = topic.sealedKeys;
  return {
    key1: world.unseal(key1).toString('base64'),
    key2: world.unseal(key2).toString('base64'),
  };
}

function makeKey(world: World): string {
  return world.seal(randomBytes(KEY_BYTES));
}

function listBelow(value: readonly unknown[]): AzureResponse {
  return { status: 200, body: { value, nextLink: null } };
}

function invalidName(what: string): AzureFault {
  return invalidRequest(`${what} name must be 3 to 50 characters of letters, digits and hyphens.`);
}

function notAllowed(request: AzureRequest): AzureFault {
  return new AzureFault(405, 'MethodNotAllowed', `${request.method} is not supported here.`);
}
