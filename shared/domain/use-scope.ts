/** The scope of what belongs to the service and to none of its workspaces. */
export const SERVICE_SCOPE = '';

/** The workspace that a path below the service leads into, lower case, or {@link SERVICE_SCOPE}. */
export function scopeOf(path: string): string {
  const [first = '', workspace = ''] = path.split('/', 2);
  return first.toLowerCase() === 'workspaces' ? workspace.toLowerCase() : SERVICE_SCOPE;
}

/** A certificate's id as a document writes it. */
export interface WrittenId {
  readonly id: string;
  /** Told by a Resource Manager id only; else it is the scope of the document. */
  readonly scope?: string;
}

const RESOURCE_ID =
  /^\/?subscriptions\/.+\/service\/[^/]+(?:\/workspaces\/([^/]+))?\/certificates\/([^/]+)\/?$/i;
const SHORT_ID = /^(?:.*\/)?certificates\/([^/]+)\/?$/i;

/**
 * Reads a bare id, a Resource Manager id that ends in `/certificates/{id}`, or what there is of one:
 * backends carry either.
 */
export function readWrittenId(text: string): WrittenId {
  const resource = RESOURCE_ID.exec(text);
  if (resource !== null) {
    const [, workspace, id = ''] = resource;
    return { id, scope: workspace?.toLowerCase() ?? SERVICE_SCOPE };
  }
  return { id: SHORT_ID.exec(text)?.[1] ?? text };
}
