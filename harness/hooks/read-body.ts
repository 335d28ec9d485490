/** Reads what is posted to a hook, and not a byte more than is allowed: a webhook that can be flooded would sink muster. */
import type { IncomingMessage } from 'node:http';

/** Nothing where it was too long or broke off; then the connection is gone. */
export async function readBody(request: IncomingMessage, bytes_max: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request) {
      bytes += chunk.length;
      if (bytes > bytes_max) {
        request.destroy();
        return undefined;
      }
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks).toString('utf8');
}
