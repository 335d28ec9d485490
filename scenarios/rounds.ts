/** What users do while something around them breaks: ask, watch, read back, and ask again. */
import type { Act, ScriptContext } from '../harness/model/scenario.ts';
import type { Utterance } from '../harness/model/speech.ts';
import { getTask, openStream, pause, readToEnd, type Stream } from '../harness/script/vocabulary.ts';

/** A round that did not end in COMPLETED, or only with a stand-in, is followed by a pause, so that the rounds outlast the fault. */
export function* streamRounds(
  { agent, say }: ScriptContext,
  behaviour: 'slow' | 'delegates',
  {
    rounds,
    retry_ms,
    words: size = { chunks: 4, gap_ms: 20 },
  }: {
    readonly rounds: number;
    readonly retry_ms: number;
    readonly words?: { readonly chunks: number; readonly gap_ms: number };
  },
): Act<void> {
  for (let round = 0; round < rounds; round += 1) {
    const words = say[behaviour](size);
    const opened = yield* openStream(agent, words);
    const stream = yield* readToEnd(opened);
    if (stream.outcome.type === 'ok' && opened.task !== undefined) yield* getTask(agent, opened.task);
    if (!isCompleted(stream) || isStandIn(stream, words)) yield* pause(retry_ms);
  }
}

function isCompleted({ events }: Stream): boolean {
  const last = events.at(-1);
  const state = last?.statusUpdate?.status.state ?? last?.task?.status.state;
  return last?.message !== undefined || state === 'TASK_STATE_COMPLETED';
}

function isStandIn({ events }: Stream, { fallback }: Utterance): boolean {
  const said = events.flatMap(({ artifactUpdate }) => artifactUpdate?.artifact.parts ?? []);
  return fallback !== undefined && said.some(({ text }) => text?.includes(fallback) === true);
}
