/** More clients than the agent has descriptors for: they connect, say nothing, and leave all at once. */
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessAgent } from '../model/live.ts';
import type { ProcessFault } from './fault.ts';
import { FaultFailed } from './fault.ts';
import { inflict } from './inflict.ts';
import { plural } from './proof.ts';

const TRIES = 150;
const PAUSE_MS = 20;

export const crowd: ProcessFault<'crowd'> = {
  title: 'More connections than the agent has descriptors for are opened and left open; healing closes them',
  needs: 'process',
  apply: ({ connections }, agent, signal) => {
    const sockets: Socket[] = [];
    const { hostname, port } = new URL(agent.url);
    const bite = async (): Promise<string> => {
      for (let count = 0; count < connections; count += 1) {
        // Those that the agent turns away are gone again at once.
        sockets.push(connect({ host: hostname, port: Number(port) }).on('error', () => {}));
      }
      for (let tries = 0; tries < TRIES; tries += 1) {
        const found = agent.descriptors();
        if (found !== undefined && found.open >= found.limit)
          return `${plural(connections, 'connection')} came, and ${stateOf(agent)}`;
        await delay(PAUSE_MS, undefined, { signal });
      }
      throw new FaultFailed(
        `Failed to crowd "${agent.name}": ${plural(connections, 'connection')} came, and ${stateOf(agent)}. Give it fewer descriptors, or let more come.`,
      );
    };
    const heal = async (): Promise<string> => {
      for (const socket of sockets) socket.destroy();
      return `${plural(connections, 'connection')} went`;
    };
    return inflict(`crowd "${agent.name}"`, { bite, heal }, signal);
  },
};

function stateOf(agent: ProcessAgent): string {
  const found = agent.descriptors();
  return found === undefined
    ? 'nothing tells how many descriptors it has open'
    : `process ${found.pid} has ${found.open} of ${found.limit} descriptors open`;
}
