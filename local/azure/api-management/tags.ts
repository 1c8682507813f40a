/**
 * `…/tags`: labels for APIs, operations and products, without what bears them.
 * Source: REST reference, Tag and Workspace Tag 2024-05-01.
 */
import { z } from 'zod';
import type { ArmRoute } from '../resource-manager/route.ts';
import type { Place } from './entity-place.ts';
import { entityFolder, type EntityParts } from './entity-routes.ts';
import { readProperties } from './read-properties.ts';

const bodySchema = z.looseObject({ displayName: z.string().min(1).max(160) });

export function tagRoutes(place: Place, parts: EntityParts): readonly ArmRoute[] {
  return entityFolder(
    place,
    {
      collection: 'apim.tags',
      segment: 'tags',
      parameter: 'tagId',
      title: 'Tag',
      filterFields: ['displayName'],
      patch: true,
      read: (given) => ({ properties: readProperties(given, bodySchema) }),
    },
    parts,
  ).routes;
}
