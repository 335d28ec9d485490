/**
 * `muster up`: sessions of agents that stay up until they are told to stop, with a table to watch them and a control API.
 * However it ends, no agent and no lease of it is left: by order when it is asked, by the warden when it is killed.
 */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { reasonOf } from '../model/reason-of.ts';
import type { Sessions } from '../model/session.ts';
import { SessionRefused } from '../sessions/session-refused.ts';
import { UsageError } from './exit-codes.ts';
import { untilInterrupted } from './interrupt.ts';
import { openSessions } from './open-sessions.ts';
import { type Control, openControl } from './up/control.ts';
import { type Metrics, openMetrics } from './up/metrics.ts';
import { openScreen } from './up/screen.ts';
import { type UpArguments, type UpSettings, upSettings } from './up/settings.ts';
import { VERSION } from './version.ts';

/** Sessions that start at once; more would only make each of them slower. */
const STARTS_AT_ONCE = 4;

export async function up(args: UpArguments): Promise<number> {
  const settings = await upSettings(args);
  using interrupted = untilInterrupted({
    signals: ['SIGINT', 'SIGTERM', 'SIGHUP'],
    notice: 'stopping every agent',
  });
  const broken = new AbortController();
  // Whoever read along is gone, and nobody could end this by what it tells any more.
  process.stdout.on('error', () => broken.abort());
  const signal = AbortSignal.any([interrupted.signal, broken.signal]);
  using screen = openScreen(process.stdout, settings.json ? 'json' : 'text');
  const metrics = openMetrics();
  let ended = 0;
  {
    const { fixture, command, socketActivation, ports, limits, logs } = settings;
    await using sessions = await openSessions({
      fixture,
      command,
      socketActivation,
      ports,
      limits,
      ...(logs === undefined ? {} : { logs }),
      onEvent: (event) => {
        metrics.add(event);
        screen.add(event);
        if (event.phase === 'ended') ended += 1;
      },
    });
    metrics.watch(sessions);
    await using control = await listen(settings, sessions, metrics);
    const curl = `curl -H "Authorization: Bearer ${settings.token_made ? settings.token : '$MUSTER_TOKEN'}" ${control.url}/sessions`;
    screen.watch(sessions, [`muster ${VERSION} up`, `control  ${curl}`]);
    const began_ms = performance.now();
    await boot(settings, sessions, signal);
    if (!signal.aborted) {
      const { url } = control;
      screen.ready({
        control: settings.token_made ? { url, token: settings.token } : { url },
        sessions: settings.sessions,
        agents: settings.sessions * settings.agents,
        boot_ms: performance.now() - began_ms,
      });
      await untilAborted(signal);
    }
  }
  screen.stopped(ended);
  return 0;
}

async function listen(settings: UpSettings, sessions: Sessions, metrics: Metrics): Promise<Control> {
  const { control_port: port, token } = settings;
  try {
    return await openControl({ sessions, metrics, token, port });
  } catch (error) {
    throw new UsageError(
      `Failed to listen on 127.0.0.1:${port} for the control API: ${reasonOf(error)}. Give another --control-port, or none for a free one.`,
    );
  }
}

/** Opens what was asked for; what cannot be opened ends all of it, since half of what was asked for helps nobody. */
async function boot({ sessions: count, agents }: UpSettings, sessions: Sessions, signal: AbortSignal): Promise<void> {
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, failed.signal]);
  const numbers = Array.from({ length: count }, (_, index) => index + 1).values();
  const lane = async (): Promise<void> => {
    for (const number of numbers) {
      if (stop.aborted) return;
      try {
        await openInTime(sessions, `u${number}`, agents, stop);
      } catch (error) {
        // What was starting when all of it was told to stop.
        if (stop.aborted) return;
        failed.abort(
          new UsageError(`Failed to bring session ${number} of ${count} up: ${reasonOf(error)}`, { cause: error }),
        );
      }
    }
  };
  // Who is told to stop does not wait for a slow start: closing the sessions ends it.
  await Promise.race([Promise.all(Array.from({ length: STARTS_AT_ONCE }, lane)), untilAborted(stop)]);
  failed.signal.throwIfAborted();
}

/** The limit on starts per second is for clients; here it is kept by waiting. */
async function openInTime(sessions: Sessions, user: string, agents: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await sessions.open({ user, agents });
      return;
    } catch (error) {
      if (!(error instanceof SessionRefused) || error.limit !== 'starts') throw error;
      await delay(error.retry_after_ms, undefined, { signal });
    }
  }
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
