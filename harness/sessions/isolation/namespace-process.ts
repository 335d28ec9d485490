/** The first process of a session's namespaces. Its gate is a socket of the outside, and its work is told in the environment. */
import { createGate, type Inside, relayTo, startAgents } from './inside.ts';

/** Listens outside. */
const GATE_FD = 3;

const { MUSTER_INSIDE = '{"agents":[]}', LISTEN_FDS: _, LISTEN_PID: __, ...env } = process.env;
const inside: Inside = JSON.parse(MUSTER_INSIDE);
const ports = new Set(inside.agents.map(({ port }) => port));

createGate((port) => (ports.has(port) ? relayTo(port) : undefined)).listen({ fd: GATE_FD });
startAgents(inside, env);
