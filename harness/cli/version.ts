/** The version of this package, from its package.json, wherever the code lies: as sources or compiled into dist/. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export const VERSION: string = require('a2a-muster/package.json').version;
