/**
 * `…/products`, without their APIs, groups and subscriptions.
 * Source: REST reference, Product and Workspace Product 2024-05-01.
 */
import { z } from 'zod';
import type { Place } from './entity-place.ts';
import { entityFolder, type EntityFolder, type EntityParts } from './entity-routes.ts';
import { readProperties } from './read-properties.ts';

const bodySchema = z.looseObject({
  displayName: z.string().min(1).max(300),
  description: z.string().max(1000).nullish(),
  subscriptionRequired: z.boolean().default(true),
  state: z.enum(['notPublished', 'published']).default('notPublished'),
});

export function productFolder(place: Place, parts: EntityParts): EntityFolder {
  return entityFolder(
    place,
    {
      collection: 'apim.products',
      segment: 'products',
      parameter: 'productId',
      title: 'Product',
      idPattern: /^[^*#&+:<>?]{1,256}$/,
      filterFields: ['displayName', 'description', 'terms', 'state'],
      patch: true,
      read: (given) => ({ properties: readProperties(given, bodySchema) }),
    },
    parts,
  );
}
