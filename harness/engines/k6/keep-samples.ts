/**
 * Keeps what k6 tells in a compressed file while it is read, up to a limit, for a load of hours tells more than a disk holds. What is
 * beyond it is read all the same.
 */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** Of text; the file has some twentieth of it. */
const CHARACTERS_MAX = 2 ** 30;

/** Gives the text on. Throws when the file cannot be written. */
export async function* keepSamples(
  from: Readable,
  path: string,
  characters_max: number = CHARACTERS_MAX,
): AsyncGenerator<string, void, undefined> {
  const packing = createGzip({ level: 1 });
  const written = pipeline(packing, createWriteStream(path)).then(
    () => undefined,
    (error: Error) => error,
  );
  let left = characters_max;
  try {
    for await (const text of from.setEncoding('utf8') as AsyncIterable<string>) {
      yield text;
      if (left <= 0) continue;
      left -= text.length;
      const kept = left > 0 ? text : text.slice(0, text.lastIndexOf('\n') + 1);
      if (packing.write(kept)) continue;
      const failed = await Promise.race([written, once(packing, 'drain').then(() => undefined)]);
      if (failed !== undefined) throw failed;
    }
  } finally {
    packing.end();
    await written;
  }
  const failed = await written;
  if (failed !== undefined) throw failed;
}
