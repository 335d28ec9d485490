/** `npm run k6:build`: builds k6 with our extension into .cache/, and says where it is, or what is missing. */
import { buildK6, K6NotBuilt } from '../harness/engines/k6/build.ts';

try {
  console.log(await buildK6({ tell: (line) => console.error(line) }));
} catch (error) {
  if (!(error instanceof K6NotBuilt)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
