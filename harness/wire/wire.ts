/**
 * Virtual users' connections to one agent: ops in, outcomes out, over the official A2A client's own transports, so
 * that what is tested is what a real client meets. Nothing outside this folder imports the SDK's client. After
 * disposing, no op is running and no socket is open.
 */
import { A2A_PROTOCOL_VERSION, AgentCard } from '@a2a-js/sdk';
import { JsonRpcTransportFactory, RestTransportFactory } from '@a2a-js/sdk/client';
import { A2A_LEGACY_PROTOCOL_VERSION } from '@a2a-js/sdk/compat/v0_3';
import type { Transport } from '../model/a2a.ts';
import { everybodyIn, startLine } from '../model/line.ts';
import type { Respond, Wire } from '../model/live.ts';
import { type GrpcConnection, openGrpc } from './grpc.ts';
import { type AgentInterface, pickInterface } from './interfaces.ts';
import { type Connection, perform } from './perform.ts';
import { provoke } from './provoke.ts';
import { openSlimFetch, type SlimFetch } from './slim-fetch.ts';

export { NoTransport } from './interfaces.ts';

export interface WireOptions {
  /** The agent card as served. */
  readonly card: Readonly<Record<string, unknown>>;
  /** Where the card was found; relative interface URLs are resolved against it. */
  readonly url: string;
  /** The card's first usable interface, unless given. */
  readonly transport?: Transport;
  readonly answer_bytes_max: number;
  readonly stream_events_max: number;
  /** HTTP connections at the same time; an open stream holds one. gRPC has one for all. */
  readonly connections_max: number;
  readonly user_agent: string;
  /** Replaces the origin of the interface, as `http://127.0.0.1:9999`; over gRPC too. */
  readonly via?: string;
  /** Answers everything in this process, for an agent that has no socket; not over gRPC. */
  readonly respond?: Respond;
  /** Local addresses to connect from, in turn; not over gRPC. */
  readonly source_addresses?: readonly string[];
  /** HTTP/2 where it is offered over TLS; gRPC has no other. */
  readonly http2?: boolean;
}

/** Connects to nothing yet. Throws `NoTransport` when the card does not offer what is asked for. */
export async function openWire(options: WireOptions): Promise<Wire> {
  const chosen = pickInterface(options.card, options);
  const { connection, grpc, traffic, close } = await connect(chosen, options);
  let closed: PromiseLike<void> | undefined;

  return {
    transport: chosen.transport,
    address: chosen.transport === 'grpc' ? grpcAddress(chosen.url) : new URL(chosen.url),
    ...(traffic && { traffic: () => ({ ...traffic(), ops_open: connection.open.leave.length }) }),
    perform: (op, how) =>
      op.op === 'HostileRequest'
        ? provoke({ ...chosen, ...options, url: chosen.url, ...(grpc && { grpc }) }, op, how)
        : perform(connection, op, how),
    async [Symbol.asyncDispose]() {
      connection.open.closed = true;
      for (const leave of everybodyIn(connection.open.leave)) {
        leave();
      }
      closed ??= close();
      await closed;
    },
  };
}

async function connect(
  { transport, url, tenant, is03 }: AgentInterface,
  options: WireOptions,
): Promise<{
  connection: Connection;
  grpc?: GrpcConnection;
  traffic?: SlimFetch['traffic'];
  close: () => PromiseLike<void>;
}> {
  const open = { closed: false, leave: startLine<() => void>() };
  const version = is03 ? A2A_LEGACY_PROTOCOL_VERSION : A2A_PROTOCOL_VERSION;
  const rest = { transport, tenant, is03, version, stream_events_max: options.stream_events_max, open };
  // The SDK is to choose nothing: the card that it is given names what was chosen, and nothing else.
  const card = AgentCard.fromJSON({
    supportedInterfaces: [{ url, protocolBinding: 'JSONRPC', protocolVersion: version }],
  });
  if (transport === 'grpc') {
    const grpc = await openGrpc(url, card, options);
    return {
      connection: { sdk: grpc.transport, isSeen: false, ...rest },
      grpc,
      close: () => grpc[Symbol.asyncDispose](),
    };
  }
  const http = openSlimFetch({ ...options, origin: new URL(url).origin });
  const factory = transport === 'jsonrpc' ? JsonRpcTransportFactory : RestTransportFactory;
  return {
    connection: {
      sdk: await new factory({ fetchImpl: http.fetch, legacyCompat: { enabled: is03 } }).create(url, card),
      ...rest,
      isSeen: true,
    },
    ...(options.respond === undefined ? { traffic: http.traffic } : {}),
    close: () => http[Symbol.asyncDispose](),
  };
}

/** On cards a gRPC interface is `host:port`, or a URL, or has the scheme of a gRPC name such as `dns:///host:port`. */
function grpcAddress(target: string): URL {
  const authority = target.replace(/^[a-z][a-z0-9+.-]*:\/\/\/?/i, '').replace(/[/?#].*$/, '');
  return new URL(`${/^(https|grpcs):/i.test(target) ? 'https' : 'http'}://${authority}`);
}
