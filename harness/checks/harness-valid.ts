/**
 * Muster judges itself first: who was late, out of breath or unable to do what the plan says must not accuse anybody.
 * That p99 is above a limit is the same as that more than one in a hundred are, so nothing but two counts is kept.
 */
import type { Check } from '../model/check.ts';
import type { FailEvent, FaultEvent, InvokeEvent, UserEvent, VitalsEvent } from '../model/history.ts';
import { startFindings } from './findings.ts';
import { clip } from './reading.ts';

export const harnessValid: Check = {
  name: 'harness-valid',
  title: 'Muster was on time, and did what the plan says',
  section: 'policy',
  memory: 'A few counters, and the worst examples.',
  judges: 'harness',
  reads: ['invoke', 'fail', 'info', 'vitals', 'user', 'fault'],
  start: ({ plan }) => {
    const { harness_lag_ms_max } = plan.policy;
    /** Of a load all of it is measured, and judged by its numbers: see harness/judge/load-validity.ts. */
    const isLoad = plan.load !== undefined;
    const findings = startFindings();
    let invokes = 0;
    let late = 0;
    let vitals = 0;
    let undone = 0;
    let latest: InvokeEvent | undefined;

    const lagOf = ({ time_ms, due_ms }: InvokeEvent): number => time_ms - due_ms;

    const onInvoke = (event: InvokeEvent): void => {
      invokes += 1;
      if (lagOf(event) > harness_lag_ms_max) late += 1;
      if (latest === undefined || lagOf(event) > lagOf(latest)) latest = event;
    };

    const onVitals = (event: VitalsEvent): void => {
      vitals += 1;
      if (isLoad || !(event.loop_delay_ms_p99 > harness_lag_ms_max)) return;
      findings.report({
        kind: 'harness-out-of-breath',
        message: 'Muster itself was too busy to keep time',
        expected: `The p99 of the event loop's delay is at most ${harness_lag_ms_max} ms.`,
        seen: `It was ${Math.round(event.loop_delay_ms_p99)} ms, with ${event.open_ops} ops open and the CPU at ${Math.round(event.cpu_percent)} %.`,
        users: [],
        tasks: [],
        evidence: [event],
      });
    };

    const onDropped = (event: UserEvent): void => {
      if (isLoad) return;
      undone += 1;
      findings.report({
        kind: 'arrival-dropped',
        message: 'Muster dropped a user who should have arrived',
        expected: 'Every user that the plan names arrives.',
        seen: `${event.user}, device ${event.device}, was dropped: ${plan.limits.in_flight_max} scripts were in flight already.`,
        users: [event.user],
        tasks: [],
        evidence: [event],
      });
    };

    const onFaultFailed = (event: FaultEvent & { readonly phase: 'failed' }): void => {
      undone += 1;
      findings.report({
        kind: 'fault-failed',
        message: 'A fault that the plan asks for could not be carried out',
        expected: `"${event.fault.fault}" on the ${event.fault.target} is applied and healed.`,
        seen: `It failed: ${clip(event.message, 200)}.`,
        users: [],
        tasks: [],
        evidence: [event],
      });
    };

    const onHealed = (event: FaultEvent & { readonly phase: 'healed' }): void => {
      if (event.hits !== 0) return;
      undone += 1;
      findings.report({
        kind: 'fault-without-effect',
        message: 'A fault was applied, and nothing met it',
        expected: `"${event.fault.fault}" on the ${event.fault.target} hits some traffic while it lasts.`,
        seen: `It was healed without a hit: ${clip(event.proof, 200)}. Let it last longer, begin when users are there, or match more.`,
        users: [],
        tasks: [],
        evidence: [event],
      });
    };

    const onNoSocket = (event: FailEvent): void => {
      if (isLoad) return;
      undone += 1;
      findings.report({
        kind: 'out-of-sockets',
        message: 'Muster itself ran out of sockets or descriptors',
        expected: 'The machine has ports and descriptors to spare for every op.',
        seen: `An op was never sent: ${clip(event.error.message, 200)}. Raise \`ulimit -n\`, or play fewer users.`,
        users: [],
        tasks: [],
        evidence: [event],
      });
    };

    return {
      add(event) {
        if (event.type === 'invoke') onInvoke(event);
        if ((event.type === 'fail' || event.type === 'info') && event.error?.code === 'no-socket') onNoSocket(event);
        if (event.type === 'vitals') onVitals(event);
        if (event.type === 'user' && event.phase === 'dropped') onDropped(event);
        if (event.type === 'fault' && event.phase === 'failed') onFaultFailed(event);
        if (event.type === 'fault' && event.phase === 'healed') onHealed(event);
      },
      close() {
        if (!isLoad && late > Math.floor(invokes / 100) && latest !== undefined) {
          findings.report({
            kind: 'harness-late',
            message: 'Muster itself sent ops too late',
            expected: `At most one op in a hundred is sent more than ${harness_lag_ms_max} ms after it was due.`,
            seen: `${late} of ${invokes} were; the worst was ${Math.round(lagOf(latest))} ms late.`,
            users: [latest.user],
            tasks: [],
            evidence: [latest],
          });
        }
        return { evidence: invokes + vitals + undone, findings: findings.list() };
      },
    };
  },
};
