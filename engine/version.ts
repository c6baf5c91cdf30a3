import manifest from '../package.json' with { type: 'json' };

/** Version of this Larder. */
export const version: string = manifest.version;
