/** What a scenario needs, and the card of the agent rules out: then it is not applicable to that agent, before anything is sent. */
import type { Transport } from '../model/a2a.ts';
import type { CardSummary } from '../model/history.ts';
import type { ScenarioPlan } from '../model/plan.ts';

export function missingCapability(
  card: CardSummary,
  spoken: readonly Transport[],
  { capabilities, transports }: Pick<ScenarioPlan, 'capabilities' | 'transports'>,
): string | undefined {
  if (capabilities.includes('streaming') && !card.streaming) return 'the agent card claims no streaming';
  if (capabilities.includes('pushNotifications') && !card.pushNotifications) {
    return 'the agent card claims no push notifications';
  }
  if (capabilities.includes('pushNotifications') && card.protocol === '0.3') {
    return "the agent speaks A2A 0.3, which posts bare tasks to webhooks; muster's read what A2A 1.0 posts";
  }
  if (transports === 'all' && spoken.length < 2) {
    const strange = card.transports.filter((transport) => !spoken.includes(transport));
    return strange.length === 0
      ? `the agent card offers one transport only, ${spoken.join()}, so there is nothing to compare it with`
      : `of the transports on the agent card only ${spoken.join()} can be spoken to at the agent's own address, and not ${strange.join(' and ')}`;
  }
  if (capabilities.includes('ListTasks') && card.protocol === '0.3') {
    return 'the agent speaks A2A 0.3, which has no ListTasks';
  }
  return undefined;
}
