import type { PageData } from '../../../report/html/page-data.ts';

/** Unpacks what the server put into the page: JSON, gzipped, in base64. */
export async function readPageData(element: Element): Promise<PageData> {
  const bytes = Uint8Array.from(atob(element.textContent.trim()), (char) => char.charCodeAt(0));
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  // The same build of the app wrote it: `toPageData`.
  return (await new Response(unpacked).json()) as PageData;
}
