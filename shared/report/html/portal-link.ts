/** `/subscriptions/{id}/resourceGroups/{name}/providers/{namespace}/{type}/{name}`, and what lies below. */
const RESOURCE =
  /^\/subscriptions\/[\w-]{1,64}\/resourceGroups\/[\w.()-]{1,90}\/providers\/[A-Za-z.]{1,64}\/[A-Za-z]{1,64}\/[\w.-]{1,128}(?=\/|$)/i;

/**
 * Where the Azure portal shows a resource. Of one that lies inside another, e.g. a certificate of a
 * service, it is the outer one: only that has a page for sure. Undefined = not an ARM id.
 */
export function portalLink(resourceId: string | undefined): string | undefined {
  const [resource] = RESOURCE.exec(resourceId ?? '') ?? [];
  return resource === undefined ? undefined : `https://portal.azure.com/#resource${resource}`;
}
