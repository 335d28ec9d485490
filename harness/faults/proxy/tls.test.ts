/** An agent that speaks TLS is reached through the proxy as one that does not, and is trusted no more than without it. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { expect, test } from 'vitest';
import { ask, failureOf, noAbort, read } from '../testing.ts';
import { openProxy } from './proxy.ts';

function certificate(): { readonly key: string; readonly cert: string } | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'muster-tls-'));
  const [key, cert] = [join(folder, 'key'), join(folder, 'cert')];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=agent'];
  const names = ['-addext', 'subjectAltName=IP:127.0.0.1'];
  try {
    execFileSync('openssl', ['req', '-x509', ...kind, ...names, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } catch {
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('an https:// agent answers through the proxy once its certificate is trusted, and its card moves', async (context) => {
  const made = certificate();
  if (made === undefined) return context.skip('there is no openssl to make a certificate with');
  const server = createServer(made, (incoming, outgoing) => {
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/rpc`;
    const card = JSON.stringify({ supportedInterfaces: [{ url, protocolBinding: 'JSONRPC' }] });
    outgoing.end(incoming.url === '/rpc' ? 'over TLS' : card);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const before = getCACertificates('default');
  try {
    const upstream = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await using proxy = await openProxy({ upstream, signal: noAbort });
    expect(await failureOf(`${proxy.url}/rpc`, { agent: false })).toBe('ECONNRESET');
    setDefaultCACertificates([...before, made.cert]);
    expect(await read(await ask(`${proxy.url}/rpc`, { agent: false }))).toEqual({ text: 'over TLS' });
    const card = await read(await ask(`${proxy.url}/.well-known/agent-card.json`, { agent: false }));
    expect(JSON.parse(card.text).supportedInterfaces[0].url).toBe(`${proxy.url}/rpc`);
  } finally {
    setDefaultCACertificates(before);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
