/**
 * The shell commands around a container. A client that is killed while it makes a container leaves a half-made one, for which no
 * engine knows a name: so the client is out of reach of who kills its session, and what takes a container away first waits until
 * the client is gone.
 */
import type { ContainerEngine, ContainerRequest } from './container-engines.ts';
import { homeOf } from './container-home.ts';
import { quoted } from './shell.ts';

const TRIES = 50;

/**
 * Ends when the client does. Asked to end, it does so while nothing listens inside; later a container ends with its line from
 * muster.
 */
export function commandFor(engine: ContainerEngine, request: ContainerRequest): string {
  const { home } = request;
  const client = `echo $$ >${quoted([home.client_pid])} && ${clientFor(engine, request)}`;
  // The client inherits the lock, so there is no moment in which it runs without.
  return `trap ${quoted([`[ -S ${quoted([home.gate])} ] || exit`])} TERM
${home.making} && exec 9>${quoted([home.lock])} && flock 9 || exit
setsid sh -c ${quoted([client])} &
wait $!
code=$?
while kill -0 $! 2>/dev/null; do wait $!; code=$?; done
exit $code`;
}

/**
 * Removes all there is of a container, whoever made it and how far that has come. While there is a client only what runs is ended, by which
 * the client ends: removed under its hands, a container would still get its first process, of which then nobody knows.
 */
export function removalOf(engine: ContainerEngine, id: string): string {
  const { lock, clearing } = homeOf(id);
  return `(
tries=0
while [ -e ${quoted([lock])} ] && ! flock -w 0.1 ${quoted([lock])} true && [ $tries -lt ${TRIES} ]; do
  tries=$((tries + 1))
  ${engine.end(id)}
done
${engine.remove(id)}
) >/dev/null 2>&1
${clearing}`;
}

/** Makes one that ends at once, and removes it. */
export function trialOf(engine: ContainerEngine, request: ContainerRequest): string {
  const { id, making } = request.home;
  return `(${making} && ${clientFor(engine, request)})\ncode=$?\n${removalOf(engine, id)}\nexit $code`;
}

function clientFor(engine: ContainerEngine, request: ContainerRequest): string {
  const { before, words } = engine.run(request);
  return `${before === undefined ? '' : `${before} && `}exec ${quoted(words)}`;
}
