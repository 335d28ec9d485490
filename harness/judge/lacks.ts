/**
 * What an agent turned out to be without, although no card can say so: a list of tasks, or tasks at all. A scenario that learned nothing
 * for want of it is not applicable to that agent, like one that its card rules out. Whoever does such a thing once is not
 * without it.
 */
import type { HistoryEvent, InvokeEvent } from '../model/history.ts';
import type { ScenarioPlan } from '../model/plan.ts';
import { recordOf } from '../model/record-of.ts';

export interface Lacks {
  add(event: HistoryEvent, invoke: InvokeEvent | undefined): void;
  reason(): string | null;
}

/** How an agent says that it does not do this at all. */
const REFUSED = /^(UnsupportedOperationError|MethodNotFoundError)$/;

export function followLacks({ capabilities }: ScenarioPlan): Lacks {
  const lists = { refusal: '', given: 0 };
  const answers = { messages: 0, tasks: 0 };

  const onAnswer = (answer: unknown): void => {
    const { task, message } = recordOf(answer);
    if (task !== undefined) answers.tasks += 1;
    else if (message !== undefined) answers.messages += 1;
  };

  return {
    add(event, invoke) {
      const op = invoke?.op.op;
      if (op === 'ListTasks') {
        if (event.type === 'ok') lists.given += 1;
        else if (event.type === 'fail' && REFUSED.test(event.error.code)) lists.refusal = event.error.code;
      } else if (op === 'SendMessage') {
        if (event.type === 'ok') onAnswer(event.value);
      } else if (op === 'SendStreamingMessage' && event.type === 'event') {
        const { message, ...update } = recordOf(event.payload);
        onAnswer(Object.keys(update).length > 0 ? { task: update } : { message });
      }
    },
    reason() {
      if (capabilities.includes('ListTasks') && lists.refusal !== '' && lists.given === 0) {
        return `the agent refuses ListTasks: ${lists.refusal}`;
      }
      if (answers.messages === 0 || answers.tasks > 0) return null;
      return 'the agent answers with Messages only, and there is no task to look at';
    },
  };
}
