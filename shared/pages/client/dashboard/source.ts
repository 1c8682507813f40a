/** A certificate as the page names it. */
export interface NamedSource {
  readonly vault: string;
  readonly name: string;
}

export function nameOf({ vault, name }: NamedSource): string {
  return `${vault}/${name}`;
}

/** Its address in the API. */
export function pathOf({ vault, name }: NamedSource): string {
  return `/api/certificates/${encodeURIComponent(vault)}/${encodeURIComponent(name)}`;
}
