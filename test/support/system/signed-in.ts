/** Somebody who is signed in with a role, at a system that asks who calls. */
import type { Operation } from './app-under-test.ts';
import { eventually, type RunningSystem } from './running-system.ts';
import { ask, type Answered } from './upload.ts';

export type SignedIn = Awaited<ReturnType<typeof signedIn>>;

export async function signedIn(system: RunningSystem, role: 'Read' | 'Upload' | 'Manage') {
  const query = new URLSearchParams({ roles: `Certkeeper.${role}`, name: role });
  const answer = await fetch(`${system.hostUrl}/.auth/token?${query.toString()}`);
  const headers = { authorization: `Bearer ${(await answer.text()).trim()}` };
  const get = (path: string): Promise<Answered> => ask(system, path, { headers });
  const post = (path: string, body: object = {}): Promise<Answered> =>
    ask(system, path, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  /** Waits until the operation that an answer names is over. */
  const settled = async (answered: Answered): Promise<Operation> => {
    expect(answered).toMatchObject({ status: 202 });
    const path = (answered.headers.get('location') ?? '').replace(/^\/api/, '');
    return await eventually(
      async () => (await get(path)).body as unknown as Operation,
      ({ state }) => state !== 'running' && state !== 'pending',
    );
  };
  return {
    headers,
    get,
    post,
    remove: (path: string): Promise<Answered> => ask(system, path, { method: 'DELETE', headers }),
    settled,
    sync: async (vault: string, name: string): Promise<Operation> =>
      await settled(await post(`/certificates/${vault}/${name}/sync`)),
    /** Waits for a sweep that began after this was called. */
    sweep: async (): Promise<void> => {
      const over = async () => await settled(await post('/sweeps'));
      // One may be on its way that has looked already.
      await over();
      await over();
    },
  };
}
