import type { ApiList } from './api.ts';
import { readPages, toQuery } from './read-pages.ts';
import type { Session } from './session.ts';
import type { OrphanedTarget } from './show/orphans.ts';

/** Every target whose certificate is gone from its vault, as the last sweep saw it. */
export async function readOrphans(
  session: Session,
  service?: string,
): Promise<readonly OrphanedTarget[]> {
  const { items } = await readPages(session, `/api/certificates${toQuery({ service })}`, (body) => {
    const { certificates, next } = body as ApiList; // docs/http-api.md
    return { items: certificates, next };
  });
  return items.flatMap(({ vault, name, bindings }) =>
    bindings.flatMap(({ target, orphan }) =>
      orphan === undefined ? [] : [{ source: { vault, name }, target, orphan }],
    ),
  );
}
