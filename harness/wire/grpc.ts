/**
 * The SDK's gRPC transport with what its factory has no option for: our user agent, our limit on an answer's size, a
 * reconnect that does not outwait a short recovery, and an end that leaves no socket open (grpc-js keeps idle ones for
 * ten seconds after `close`).
 */
import type { Socket } from 'node:net';
import type { AgentCard } from '@a2a-js/sdk';
import type { Transport as SdkTransport } from '@a2a-js/sdk/client';
import { GrpcTransportFactory } from '@a2a-js/sdk/client/grpc';
import { ChannelCredentials, type ChannelOptions, Client, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { reasonOf } from '../model/reason-of.ts';
import type { RawGrpcRequest } from './hostile-requests.ts';

export interface GrpcConnection extends AsyncDisposable {
  readonly transport: SdkTransport;
  /** Calls a method of the service with these bytes, whatever they are. Never rejects. */
  call(request: RawGrpcRequest, signal: AbortSignal): Promise<RawGrpcAnswer>;
}

export interface RawGrpcAnswer {
  readonly status: number;
  readonly details: string;
  /** The agent has said nothing: the connection went, or could not be made. */
  readonly cut?: 'connection-lost' | 'connection-refused';
}

const SERVICE = 'lf.a2a.v1.A2AService';

export async function openGrpc(
  url: string,
  card: AgentCard,
  options: { readonly answer_bytes_max: number; readonly user_agent: string },
): Promise<GrpcConnection> {
  const { address, secure } = grpcAddress(url);
  const sockets = new Set<Socket>();
  let closed = false;
  const watch = (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    if (closed) {
      socket.destroy();
    }
  };
  const credentials = watchedCredentials(
    secure ? ChannelCredentials.createSsl() : ChannelCredentials.createInsecure(),
    watch,
  );
  const transport = await new GrpcTransportFactory({ grpcChannelCredentials: credentials }).create(address, card);
  const client = withChannelOptions(transport, address, credentials, {
    'grpc.primary_user_agent': options.user_agent,
    'grpc.max_receive_message_length': options.answer_bytes_max,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 1_000,
    'grpc.use_local_subchannel_pool': 1,
    // A retry in secret would hide from the history what the agent did.
    'grpc.enable_retries': 0,
  });
  return {
    transport,
    call: (request, signal) => callRaw(client, request, signal),
    async [Symbol.asyncDispose]() {
      closed = true;
      client.close();
      const gone = [...sockets].map(
        (socket) => socket.closed || new Promise((resolve) => void socket.once('close', resolve)),
      );
      for (const socket of sockets) {
        socket.destroy();
      }
      await Promise.all(gone);
    },
  };
}

function callRaw(
  client: Client,
  { method, headers, body }: RawGrpcRequest,
  signal: AbortSignal,
): Promise<RawGrpcAnswer> {
  return new Promise((resolve) => {
    const metadata = new Metadata();
    try {
      for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
    } catch (error) {
      resolve({ status: status.CANCELLED, details: reasonOf(error), cut: 'connection-refused' });
      return;
    }
    const asIs = (bytes: Buffer): Buffer => bytes;
    // Also a stream is asked for like this: of one that opens, the first message says all.
    const call = client.makeServerStreamRequest(`/${SERVICE}/${method}`, asIs, asIs, body, metadata);
    const end = (answer: RawGrpcAnswer): void => {
      resolve(answer);
      call.cancel();
    };
    signal.addEventListener('abort', () => call.cancel(), { once: true });
    call.on('data', () => end({ status: status.OK, details: '' }));
    call.on('error', (error: ServiceError) => end(refusalOf(error)));
    call.on('end', () => end({ status: status.OK, details: '' }));
  });
}

function refusalOf({ code, details }: ServiceError): RawGrpcAnswer {
  const cut = { status: code, details };
  if (code === status.UNAVAILABLE && /^No connection established|^Name resolution failed/.test(details))
    return { ...cut, cut: 'connection-refused' };
  return /Connection dropped|ECONNRESET|EPIPE|RST_STREAM|GOAWAY/.test(details)
    ? { ...cut, cut: 'connection-lost' }
    : cut;
}

/** Cards write `host:port`, `http://host:port`, `grpc://host:port` or the same with `s`. */
function grpcAddress(url: string): { readonly address: string; readonly secure: boolean } {
  const [, scheme, rest] = /^(https?|grpcs?):\/\/([^/?#]+)/i.exec(url) ?? [];
  const secure = scheme?.toLowerCase().endsWith('s') ?? false;
  const address = rest ?? url;
  return { address: scheme && !/:\d+$/.test(address) ? `${address}:${secure ? 443 : 80}` : address, secure };
}

/** The same credentials, which also show the sockets that are made with them. */
function watchedCredentials(base: ChannelCredentials, watch: (socket: Socket) => void): ChannelCredentials {
  const createConnector: ChannelCredentials['_createSecureConnector'] = (...target) => {
    const connector = base._createSecureConnector(...target);
    return {
      connect: (socket) => {
        watch(socket);
        return connector.connect(socket);
      },
      waitForReady: () => connector.waitForReady(),
      getCallCredentials: () => connector.getCallCredentials(),
      destroy: () => connector.destroy(),
    };
  };
  return Object.create(base, {
    _equals: { value: (other: unknown) => other === base },
    _createSecureConnector: { value: createConnector },
  }) as ChannelCredentials;
}

type ClientMaker = new (address: string, credentials: ChannelCredentials, options: ChannelOptions) => Client;

/** Puts a client of the same kind, but with these options, in the place of the transport's own. */
function withChannelOptions(
  transport: SdkTransport,
  address: string,
  credentials: ChannelCredentials,
  options: ChannelOptions,
): Client {
  const plain: unknown = Reflect.get(transport, 'grpcClient');
  if (!(plain instanceof Client)) {
    throw new Error(
      `Cannot open gRPC to ${address}: the transport of @a2a-js/sdk has no member grpcClient; muster is made for 1.3.0`,
    );
  }
  plain.close();
  const client = new (plain.constructor as unknown as ClientMaker)(address, credentials, options);
  refuseEmptyReplies(client);
  Reflect.set(transport, 'grpcClient', client);
  return client;
}

type Answered = (error: ServiceError | null, response: { readonly payload?: unknown } | undefined) => void;
type SendMessage = (request: unknown, metadata: unknown, options: unknown, answered: Answered) => unknown;

/**
 * The SDK throws at a reply with neither task nor message, from within grpc-js, where nobody can catch it: one such
 * agent would take muster down with it. So the reply is turned into an error before the SDK sees it.
 */
function refuseEmptyReplies(client: Client): void {
  const send = (Reflect.get(client, 'sendMessage') as SendMessage).bind(client);
  const guarded: SendMessage = (request, metadata, options, answered) =>
    send(request, metadata, options, (error, response) => {
      const empty = !error && response?.payload === undefined;
      answered(empty ? emptyReply() : error, response);
    });
  Reflect.set(client, 'sendMessage', guarded);
}

function emptyReply(): ServiceError {
  const details = 'Response message parsing error: neither task nor message';
  return Object.assign(new Error(details), { code: status.INTERNAL, details, metadata: new Metadata() });
}
