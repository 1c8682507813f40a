/**
 * What is in an API and has a policy of its own: operations, and the resolvers of GraphQL APIs.
 * Source: REST reference, Api Operation, Workspace Api Operation and Graph QL Api Resolver 2024-05-01.
 * That only GraphQL APIs have resolvers is not checked.
 */
import { z } from 'zod';
import type { Place } from './entity-place.ts';
import { entityFolder, type EntityFolder, type EntityParts } from './entity-routes.ts';
import { readProperties } from './read-properties.ts';

const operationSchema = z.looseObject({
  displayName: z.string().min(1).max(300),
  method: z.string().min(1),
  urlTemplate: z.string().min(1).max(1000),
});
const resolverSchema = z.looseObject({
  displayName: z.string().min(1).max(300),
  path: z.string().min(1).max(300),
});

export function operationFolder(api: Place, parts: EntityParts): EntityFolder {
  return entityFolder(
    api,
    {
      collection: 'apim.operations',
      segment: 'operations',
      parameter: 'operationId',
      title: 'Operation',
      filterFields: ['displayName', 'method', 'description', 'urlTemplate'],
      patch: true,
      read: (given) => ({ properties: readProperties(given, operationSchema) }),
    },
    parts,
  );
}

export function resolverFolder(api: Place, parts: EntityParts): EntityFolder {
  return entityFolder(
    api,
    {
      collection: 'apim.resolvers',
      segment: 'resolvers',
      parameter: 'resolverId',
      title: 'Resolver',
      filterFields: ['displayName', 'path', 'description'],
      patch: true,
      read: (given) => ({ properties: readProperties(given, resolverSchema) }),
    },
    parts,
  );
}
