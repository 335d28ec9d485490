/**
 * A connection that passes as bytes, since what it says is HTTP/2, whose headers only its two ends can read: rules about
 * connections, time, bytes and whole messages hit it, and rules that need to know what is asked do not. Both ends live and
 * end together.
 */
import { connect, type Socket } from 'node:net';
import { openBreaks } from './breaks.ts';
import { closeBoth, type Passage } from './connection.ts';
import { openEventStage } from './event-stage.ts';
import { followFrames } from './frames.ts';
import { openLine } from './line.ts';
import type { Piece } from './piece.ts';
import type { ActiveRule } from './rules.ts';
import type { Traffic } from './traffic.ts';

export interface TunnelOptions {
  readonly client: Socket;
  readonly host: string;
  readonly port: number;
  readonly traffic: Traffic;
}

/** While so much is held its agent is not read. */
const HELD_BYTES_MAX = 1_048_576;

export function openTunnel({ client, host, port, traffic }: TunnelOptions): Passage {
  const { rules, pacingOf, notePaced } = traffic;
  const call = rules.call();
  const upstream = connect({ host, port, noDelay: true, allowHalfOpen: true });
  const breaks = openBreaks(rules, call, { isStream: false });
  let orphanedBy: ActiveRule | undefined;
  let broke = false;
  let over = false;

  // A reset throws away what has not been sent, so it waits until all that came before is out.
  const breakOff = (by: 'reset' | 'close'): void => {
    over = true;
    upstream.destroy();
    if (by === 'reset') client.write('', () => client.resetAndDestroy());
    else client.destroySoon();
  };
  const breakIfDue = (): void => {
    const due = over ? undefined : breaks.due();
    if (due !== undefined) breakOff(due.by);
  };
  const deliver = (piece: Piece): void => {
    if (over) return;
    if (piece.kind === 'bytes') {
      const broken = breaks.pass(piece.chunk);
      const isFull = !client.write(broken === undefined ? piece.chunk : piece.chunk.subarray(0, broken.keep));
      if (broken !== undefined) breakOff(broken.by);
      else if (isFull) upstream.pause();
      else if (line.held_bytes() <= HELD_BYTES_MAX) upstream.resume();
    } else if (piece.kind === 'end') {
      client.end();
    } else {
      breakOff(piece.kind === 'lost' && piece.reset ? 'reset' : 'close');
    }
  };
  const line = openLine(() => pacingOf(call), deliver);
  const send = (piece: Piece, hold_ms?: () => number): void => {
    if (over || orphanedBy !== undefined) return;
    if (line.push(piece, hold_ms)) notePaced(call, piece);
    if (line.held_bytes() > HELD_BYTES_MAX) upstream.pause();
  };
  const passBytes = (chunk: Buffer, hold_ms?: () => number): void => {
    if (chunk.length > 0) send({ kind: 'bytes', chunk }, hold_ms);
  };
  const stage = openEventStage(rules, call, passBytes, followFrames());
  // What a client says is held only where nothing is to get through; how fast it may speak is no rule's business.
  const said = openLine(
    () => {
      const pacing = pacingOf(call);
      return pacing?.standsStill === true ? pacing : undefined;
    },
    (piece) => {
      if (piece.kind === 'end') upstream.end();
      else if (piece.kind === 'bytes' && !upstream.write(piece.chunk)) client.pause();
    },
  );
  const say = (piece: Piece): void => {
    if (orphanedBy !== undefined) return;
    if (said.push(piece)) notePaced(call);
    if (said.held_bytes() > HELD_BYTES_MAX) client.pause();
  };

  upstream.on('data', (chunk: Buffer) => stage.feed(chunk));
  upstream.once('end', () => {
    stage.end();
    send({ kind: 'end', trailers: [], isSeen: true });
  });
  upstream.once('error', () => {
    broke = true;
  });
  upstream.once('close', () => {
    if (!broke) return;
    stage.end();
    send({ kind: 'lost', reset: true });
  });
  upstream.on('drain', () => client.resume());
  client.on('data', (chunk: Buffer) => say({ kind: 'bytes', chunk }));
  client.once('end', () => say({ kind: 'end', trailers: [], isSeen: false }));
  client.on('drain', () => {
    if (line.held_bytes() <= HELD_BYTES_MAX) upstream.resume();
  });
  // Told by `close`; without a listener it would end the process.
  client.on('error', () => undefined);
  client.once('close', () => {
    line.drop();
    said.drop();
    upstream.destroy();
  });
  breakIfDue();

  return {
    hurt(active) {
      if (client.destroyed || orphanedBy !== undefined) return;
      rules.hit(active);
      if (active.rule.connections === 'orphan') {
        orphanedBy = active;
        line.drop();
        said.drop();
        upstream.destroy();
      } else {
        client.resetAndDestroy();
      }
    },
    healed(active) {
      if (orphanedBy === active) client.resetAndDestroy();
    },
    rulesChanged() {
      stage.rulesChanged();
      said.pump();
      if (!upstream.writableNeedDrain) client.resume();
      line.pump();
      breakIfDue();
    },
    held_bytes: () => line.held_bytes() + said.held_bytes(),
    upstream_open: () => (upstream.destroyed ? 0 : 1),
    close: () => closeBoth(client, [upstream]),
  };
}
