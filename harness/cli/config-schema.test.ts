/** Faults of a config that make no sense together, or have nothing to hurt, are told with their paths. */
import { expect, test } from 'vitest';
import { configSchema } from './config-schema.ts';

const problemsWith = (scenario: object): readonly string[] => {
  const told = configSchema.safeParse({
    scenarios: [
      {
        name: 'stormy',
        title: 'Stormy',
        family: 'recovery',
        needs: [],
        users: 1,
        load: { shape: 'closed' },
        mustExercise: [],
        *script() {},
        ...scenario,
      },
    ],
  });
  return told.error?.issues.map(({ path, message }) => `${path.slice(2).join('.')}: ${message}`) ?? [];
};

const onAgent = { target: 'agent', for_ms: 20 } as const;

test('two faults that need the same process at the same time are told, and those that do not are not', () => {
  const faults = [
    { ...onAgent, fault: 'freeze', begins: { at_ms: 10 }, times: 2, every_ms: 100 },
    { ...onAgent, fault: 'stop', begins: { at_ms: 125 }, deadline_ms: 9 },
    { ...onAgent, fault: 'down', begins: { at_ms: 10 } },
    { ...onAgent, fault: 'kill', begins: { at_ms: 10, later_ms: 50 } },
    { ...onAgent, fault: 'kill', begins: { after_events: 1, of: 'ok' } },
    { ...onAgent, fault: 'kill', begins: { at_ms: 10 }, target: 'agent-2' },
  ];
  expect(problemsWith({ faults })).toEqual([
    'faults.1.begins: "stop" from 125 to 145 ms overlaps "freeze" on the same process (110 to 130 ms); let one end before the next begins',
  ]);
});

test('a fault on the process of a peer is refused, for a peer has none', () => {
  const faults = [{ ...onAgent, fault: 'kill', target: 'peer', begins: { at_ms: 1 } }];
  const swarm = {
    faults: [{ fault: 'memory', target: 'peer', left_mb: 1 }],
    within_ms: 9,
    for_ms: { from: 1, to: 2 },
  };
  expect(problemsWith({ faults, swarm })).toEqual([
    'faults.0.target: "kill" needs a process, and the peer has none of its own; it must be an agent',
    'swarm.faults.0.target: "memory" needs a process, and the peer has none of its own; it must be an agent',
  ]);
});
