/**
 * Who listens on a port. An agent card that answers proves nothing about whose it is: on Linux the kernel's tables tell
 * which process holds the listening socket; elsewhere only that somebody does.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { allPids, HAS_PROC, membersOf, type Session } from './process-table.ts';

interface LocalSocket {
  readonly port: number;
  /** As the kernel prints it: hexadecimal, in the byte order of the machine. */
  readonly address: string;
  /** As the kernel numbers it. */
  readonly state: string;
  readonly inode: string;
}

const LISTEN_STATE = '0A';
const ESTABLISHED_STATE = '01';
/** Nobody's any more, and in nobody's way. */
const TIME_WAIT_STATE = '06';
/** Listeners that a connection to 127.0.0.1 may reach: any address, itself, and both as IPv6 writes them. */
const LOOPBACK = /^(0{8}|0100007F|0{32}|0{16}FFFF00000100007F)$/;

const readTable = (path: string): LocalSocket[] => {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .map(([, local = '', , state = '', , , , , , inode = '']) => {
        const [address = '', port = ''] = local.split(':');
        return { address, port: Number.parseInt(port, 16), state, inode };
      });
  } catch {
    return [];
  }
};

const allSockets = (): LocalSocket[] => [...readTable('/proc/net/tcp'), ...readTable('/proc/net/tcp6')];
const allListeners = (): LocalSocket[] => allSockets().filter(({ state }) => state === LISTEN_STATE);

/** Inodes of the sockets that a process has open; undefined where muster may not look. */
const socketsOf = (pid: number): string[] | undefined => {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    });
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? undefined : [];
  }
};

/** The ports of this machine that somebody has, read at once; nothing where there is no /proc. */
export const busyPorts = (): { readonly listening: Set<number>; readonly connected: Set<number> } | undefined => {
  if (!HAS_PROC) return undefined;
  const listening = new Set<number>();
  const connected = new Set<number>();
  for (const { port, state } of allSockets()) {
    if (state === LISTEN_STATE) listening.add(port);
    else if (state !== TIME_WAIT_STATE) connected.add(port);
  }
  return { listening, connected };
};

const commandOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim().slice(0, 100);
  } catch {
    return '';
  }
};

/** Whether somebody listens on a port, at any address of this machine. */
export const isListening = async (port: number): Promise<boolean> => {
  if (HAS_PROC) return allListeners().some((listener) => listener.port === port);
  const answers = (host: string) =>
    new Promise<boolean>((resolve) => {
      const socket = connect({ port, host });
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
  return (await answers('127.0.0.1')) || (await answers('::1'));
};

/** Connections of former listeners that still time out on these ports; none where there is no /proc. */
export const lingeringOn = (ports: readonly number[]): number =>
  allSockets().filter(({ port, state }) => state === TIME_WAIT_STATE && ports.includes(port)).length;

/** How many connections to ports of these processes both of their ends have open. */
export const connectionsTo = (pids: readonly number[]): number => {
  const inodes = new Set(pids.flatMap((pid) => socketsOf(pid) ?? []));
  const own = allSockets().filter(({ inode }) => inodes.has(inode));
  const ports = new Set(own.filter(({ state }) => state === LISTEN_STATE).map(({ port }) => port));
  return own.filter(({ state, port }) => state === ESTABLISHED_STATE && ports.has(port)).length;
};

/** Ports on which a session listens, smallest first; none where there is no /proc. */
export const portsOfSession = (session: Session): number[] => {
  const inodes = new Set(membersOf(session).flatMap(({ pid }) => socketsOf(pid) ?? []));
  const ports = allListeners().filter((listener) => inodes.has(listener.inode));
  return [...new Set(ports.map((listener) => listener.port))].sort((a, b) => a - b);
};

/**
 * Whether somebody outside of the session listens where a connection to 127.0.0.1 may end up. What cannot be known, because
 * there is no /proc or a process of the session changed its user, is taken for ours.
 */
export const isForeign = (port: number, session: Session): boolean => {
  if (!HAS_PROC) return false;
  const sockets = membersOf(session).map(({ pid }) => socketsOf(pid));
  if (sockets.some((inodes) => inodes === undefined)) return false;
  const ours = new Set(sockets.flatMap((inodes) => inodes ?? []));
  return allListeners().some(
    (listener) => listener.port === port && LOOPBACK.test(listener.address) && !ours.has(listener.inode),
  );
};

/** The process that listens on a port, outside of a session if one is given: `pid 4711 (python agent.py)`. */
export const whoListens = (port: number, session?: Session): string | undefined => {
  const own = new Set(session === undefined ? [] : membersOf(session).map(({ pid }) => pid));
  const inodes = new Set(allListeners().flatMap((found) => (found.port === port ? found.inode : [])));
  const pid = allPids().find((pid) => !own.has(pid) && socketsOf(pid)?.some((inode) => inodes.has(inode)));
  return pid === undefined ? undefined : `pid ${pid} (${commandOf(pid)})`;
};

const LOOPBACK_NAMES = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\]|0\.0\.0\.0|\[::\])$/;

/** Whether the host of a URL is this machine; the addresses that mean "any" count, for cards are often written so. */
export const isLoopback = (hostname: string): boolean => LOOPBACK_NAMES.test(hostname);
