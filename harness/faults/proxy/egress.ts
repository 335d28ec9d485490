/**
 * The way out of one process that sends its requests through a proxy, as HTTP_PROXY asks it to. Addresses stay what they are on
 * both sides, so whoever goes by addresses (a card, a list of members) is not led past it, and it adds nothing to what is said.
 */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { type Duplex, finished } from 'node:stream';

/** The origin that leads to this address. */
export type WayTo = (address: URL) => Promise<string>;

export interface Egress extends AsyncDisposable {
  /** What HTTP_PROXY is to be. */
  readonly url: string;
}

/** Listens on 127.0.0.1, on a port from the operating system. What one end of a connection breaks is broken at the other. */
export async function openEgress(wayTo: WayTo, signal: AbortSignal): Promise<Egress> {
  signal.throwIfAborted();
  const open = new Set<Duplex>();
  const hold = <S extends Duplex>(socket: S): S => {
    open.add(socket);
    // Told by `close`; without a listener it would end the process.
    socket.on('error', () => undefined).once('close', () => open.delete(socket));
    return socket;
  };

  /** Whatever is spoken: the client asks for a connection, and is given one. */
  const tunnel = async (asked: IncomingMessage, client: Duplex, head: Buffer): Promise<void> => {
    const address = URL.parse(`http://${asked.url}`);
    if (address === null) return void client.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    const way = await socketTo(await wayTo(address));
    hold(way).once('connect', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      way.write(head);
      way.pipe(client).pipe(way);
    });
    way.once('close', () => client.destroy());
    client.once('close', () => way.destroy());
  };

  /** Plain HTTP, as most clients ask for it: the whole address stands where the path does else. */
  const forward = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const address = URL.parse(incoming.url ?? '');
    if (address?.protocol !== 'http:') return void outgoing.writeHead(400).end();
    const { hostname, port } = new URL(await wayTo(address));
    const { method, headers } = incoming;
    const asking = request({ hostname, port, method, headers, path: `${address.pathname}${address.search}` });
    asking.once('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(outgoing);
      finished(answer, (error) => error && outgoing.destroy());
    });
    asking.on('error', () => outgoing.destroy());
    outgoing.once('close', () => asking.destroy());
    incoming.pipe(asking);
  };

  const server = createServer((incoming, outgoing) => void forward(incoming, outgoing).catch(() => outgoing.destroy()));
  server.on('connect', (asked, client, head) => void tunnel(asked, hold(client), head).catch(() => client.destroy()));
  server.on('connection', hold);
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

function socketTo(origin: string): Socket {
  const { hostname, port } = new URL(origin);
  return connect({ host: hostname, port: Number(port || 80), noDelay: true });
}
