/** Thrown when settings are missing or bad; names every one of them, never a value. */
export class ConfigError extends Error {
  readonly settings: readonly { readonly name: string; readonly problem: string }[];
  constructor(settings: readonly { readonly name: string; readonly problem: string }[]) {
    const lines = settings.map(({ name, problem }) => `  ${name}: ${problem}`);
    super(['Certkeeper cannot start; these settings need attention:', ...lines].join('\n'));
    this.name = 'ConfigError';
    this.settings = settings;
  }
}
