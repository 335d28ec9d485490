/** More clients than the agent has descriptors for: they connect, say nothing, and leave all at once. */
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessAgent } from '../model/live.ts';
import { COUNT } from './attributes.ts';
import { FaultFailed, type ProcessFault } from './fault.ts';
import { inflict } from './inflict.ts';
import { plural } from './proof.ts';

const TRIES = 150;
const PAUSE_MS = 20;

export const crowd: ProcessFault<'crowd'> = {
  title: 'More connections than the agent has descriptors for are opened and left open; healing closes them',
  needs: 'process',
  attributes: { connections: COUNT },
  apply: ({ connections }, agent, signal) => {
    const sockets: Socket[] = [];
    const { hostname, port } = new URL(agent.url);
    const bite = async (): Promise<string> => {
      if (agent.descriptors() === undefined) throw failed(agent, 'nothing tells how many descriptors it has open');
      for (let count = 0; count < connections; count += 1) {
        // Those that the agent turns away are gone again at once.
        sockets.push(connect({ host: hostname, port: Number(port) }).on('error', () => {}));
      }
      for (let tries = 0; tries < TRIES; tries += 1) {
        const found = agent.descriptors();
        if (found === undefined) return `${plural(connections, 'connection')} came, and none of its processes is left`;
        const { pid, open, limit } = found;
        if (open >= limit)
          return `${plural(connections, 'connection')} came, and process ${pid} has ${open} of ${limit} descriptors open`;
        await delay(PAUSE_MS, undefined, { signal });
      }
      throw failed(
        agent,
        `it has descriptors left after ${plural(connections, 'connection')}. Give it fewer, or let more come`,
      );
    };
    const heal = async (): Promise<string> => {
      for (const socket of sockets) socket.destroy();
      return `${plural(connections, 'connection')} went`;
    };
    return inflict(`crowd "${agent.name}"`, { bite, heal }, signal);
  },
};

function failed(agent: ProcessAgent, why: string): FaultFailed {
  return new FaultFailed(`Failed to crowd "${agent.name}": ${why}.`);
}
