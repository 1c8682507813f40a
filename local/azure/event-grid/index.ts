/** Simulated Event Grid: subscriptions with webhooks, custom topics, system topics. */
import { randomUUID } from 'node:crypto';
import {
  AzureFault,
  type AzureRequest,
  type AzureResponse,
  type AzureService,
  type ControlRoute,
  type EventSink,
  type World,
} from '../service.ts';
import { readAddress, requireApiVersion, resourceNotFound } from './arm.ts';
import { makeGridControlRoutes } from './control.ts';
import { makeDispatcher } from './dispatcher.ts';
import { keyOfId, makeGridDocuments } from './documents.ts';
import { receive, TOPIC_HOST } from './publish.ts';
import { answerSubscriptions } from './subscriptions.ts';
import { answerSystemTopics, answerTopics } from './topics.ts';

export interface EventGrid {
  /** Takes the events of the other services. */
  readonly sink: EventSink;
  /** The provider `Microsoft.EventGrid` in Resource Manager. */
  readonly armProvider: (request: AzureRequest) => Promise<AzureResponse>;
  /** The data plane of custom topics. */
  readonly service: AzureService;
  readonly controlRoutes: readonly ControlRoute[];
  /** Ends every subscription to what a resource that is gone raised, by the resource's ARM id. */
  unsubscribe(source: string): void;
  /** Takes up the deliveries that were under way when the state was last closed. */
  resume(): void;
  stop(): Promise<void>;
}

/** @param vaultExists whether there is a vault with this name */
export function makeEventGrid(world: World, vaultExists: (name: string) => boolean): EventGrid {
  const documents = makeGridDocuments(world.store);
  const numberWithin = (least: number, most: number, about: string) => (value: unknown) => {
    if (typeof value === 'number' && value >= least && value <= most) return value;
    throw new Error(`${about} from ${least} to ${most}`);
  };
  const settings = {
    scale: world.settings.define('eventGrid.deliveryScale', {
      default: 1,
      about: 'factor on the waits between delivery attempts (10 s, 30 s, 1 min, 5 min, …)',
      parse: numberWithin(0, 1, 'a factor'),
    }),
    answerSeconds: world.settings.define('eventGrid.answerSeconds', {
      default: 30,
      about: 'how long an endpoint may take to answer',
      parse: numberWithin(0.01, 30, 'a number of seconds'),
    }),
  };
  const dispatcher = makeDispatcher(world, documents, settings);

  const armProvider = async (request: AzureRequest): Promise<AzureResponse> => {
    const address = readAddress(request);
    const [type, name, nested, ...below] = address.rest;
    requireApiVersion(request, type ?? '');
    const provider = `${address.scope}/providers/Microsoft.EventGrid`;
    switch (type?.toLowerCase()) {
      case 'eventsubscriptions':
        requireVault(address.scope, vaultExists);
        return answerSubscriptions(
          world,
          documents,
          request,
          {
            collection: `${provider}/eventSubscriptions`,
            type: 'Microsoft.EventGrid/eventSubscriptions',
            source: address.scope,
          },
          address.rest.slice(1),
        );
      case 'systemtopics': {
        if (nested?.toLowerCase() !== 'eventsubscriptions') {
          return answerSystemTopics(world, documents, request, address);
        }
        const id = `${provider}/systemTopics/${name ?? ''}`;
        const topic = documents.systemTopics.get(keyOfId(id));
        if (topic === undefined) throw resourceNotFound('systemTopics', name ?? '');
        return answerSubscriptions(
          world,
          documents,
          request,
          {
            collection: `${topic.id}/eventSubscriptions`,
            type: 'Microsoft.EventGrid/systemTopics/eventSubscriptions',
            source: topic.source,
          },
          below,
        );
      }
      case 'topics': {
        if (nested?.toLowerCase() !== 'eventsubscriptions') {
          return answerTopics(world, documents, request, address);
        }
        const id = `${provider}/topics/${name ?? ''}`;
        return answerSubscriptions(
          world,
          documents,
          request,
          {
            collection: `${id}/eventSubscriptions`,
            type: 'Microsoft.EventGrid/topics/eventSubscriptions',
            source: id,
          },
          below,
        );
      }
      default:
        throw new AzureFault(
          404,
          'InvalidResourceType',
          `The resource type '${type ?? ''}' could not be found in the namespace 'Microsoft.EventGrid'.`,
        );
    }
  };

  return {
    sink: {
      publish({ topic, subject, eventType, data }) {
        dispatcher.publish(topic, {
          schema: 'EventGridSchema',
          event: {
            id: randomUUID(),
            topic,
            subject,
            eventType,
            eventTime: world.clock.now().toISOString(),
            data,
            dataVersion: '1',
            metadataVersion: '1',
          },
        });
      },
    },
    unsubscribe(source) {
      for (const subscription of documents.subscriptions.list()) {
        if (keyOfId(subscription.source) !== keyOfId(source)) continue;
        documents.subscriptions.delete(keyOfId(subscription.id));
      }
    },
    armProvider,
    service: {
      name: 'Event Grid topics ({topic}.{region}-1.eventgrid.azure.net)',
      owns: (host) => TOPIC_HOST.test(host),
      handle: (request) => Promise.resolve(receive(world, documents, dispatcher, request)),
    },
    controlRoutes: makeGridControlRoutes(world, documents, dispatcher, settings.answerSeconds),
    resume: () => dispatcher.resume(),
    stop: () => dispatcher.stop(),
  };
}

/** Thrown when the scope is a vault that is not there: AzureFault 404. */
function requireVault(scope: string, vaultExists: (name: string) => boolean): void {
  const name = /\/providers\/microsoft\.keyvault\/vaults\/([^/]+)$/i.exec(scope)?.[1];
  if (name === undefined || vaultExists(name)) return;
  throw new AzureFault(
    404,
    'ResourceNotFound',
    `The Resource 'Microsoft.KeyVault/vaults/${name}' was not found.`,
  );
}
