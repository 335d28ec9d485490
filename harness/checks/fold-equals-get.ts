/**
 * §3.5.2, §4.2.2: whoever followed a task to its end, or waited for it, knows the same of it as whoever asks afterwards.
 * Every chunk that was lost, doubled or swapped on one of the two ways shows here. That a task which is over for one is
 * over for all is judged by terminal-is-final; that a subscription leaves something out, by subscribe-complete; here, that the
 * way which told of the end was ahead of what GetTask knows.
 */
import type { Check } from '../model/check.ts';
import { startFindings } from './parts/findings.ts';
import { exampleOf, followTold } from './parts/follow-told.ts';
import { ANSWERS, isSend, SENDS } from './parts/reading.ts';

export const foldEqualsGet: Check = {
  name: 'fold-equals-get',
  title: 'Following a task to its end gives exactly what GetTask then returns',
  section: '§3.5.2, §4.2.2',
  memory:
    'The artifacts of open streams; afterwards a hash per artifact and five events per stream, for the latest 10,000 tasks that have not been read back.',
  judges: 'agent',
  reads: ANSWERS,
  ops: [...SENDS, 'SubscribeToTask', 'GetTask'],
  start: ({ scene }) => {
    const findings = startFindings();
    let evidence = 0;
    const followed = followTold(
      scene,
      () => true,
      (compared) => {
        evidence += 1;
        const { told, difference } = compared;
        if (difference === undefined || (difference.toldLess && !isSend(told.invoke.op))) return;
        findings.report(exampleOf(compared, difference));
      },
    );
    return {
      add: followed.add,
      close: () => ({
        evidence,
        findings: findings.list(),
        ...(followed.uncertain() > 0 && {
          note: `The artifacts of ${followed.uncertain()} streams were not compared: they held a Task without the artifacts told before, or began in the middle of one.`,
        }),
      }),
    };
  },
};
