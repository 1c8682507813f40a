/**
 * The two files of node-forge that are used. Its published types know the whole library only, which
 * would make the app larger by a tenth for one cipher.
 */
declare module 'node-forge/lib/rc2.js' {
  import type { rc2 } from 'node-forge';
  const cipher: typeof rc2;
  export default cipher;
}

declare module 'node-forge/lib/util.js' {
  import type { util } from 'node-forge';
  const buffers: typeof util;
  export default buffers;
}
