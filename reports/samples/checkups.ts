/** Checkups that the reports are shown with: a sound agent, one that can be tested in part, nobody there, and one in which every text is hostile. */
import type { Checkup, CheckupChapter, CheckupFinding } from '../../harness/model/checkup.ts';

const well = (id: string, looked_at: string, seen: string): CheckupFinding => ({ id, looked_at, seen, status: 'ok' });

const machine: readonly CheckupChapter[] = [
  {
    area: 'runtime',
    title: 'Machine',
    about: 'machine',
    findings: [
      well('runtime/node', 'Node', '24.21.0 on linux x64'),
      {
        id: 'runtime/processors',
        looked_at: 'processors',
        seen: '2, load 7.4 over the last minute',
        status: 'note',
        advice: 'Wait until the machine has less to do: a busy one makes runs inconclusive, and latencies are its own.',
      },
    ],
  },
  {
    area: 'ports',
    title: 'Ports',
    about: 'machine',
    findings: [
      well('ports/range', 'ports 5000-9000', '385 of 400 blocks of 5 are free'),
      well('ports/loopback', '127.0.0.1', 'a byte came back'),
    ],
  },
];

const card: CheckupChapter = {
  area: 'card',
  title: 'Card',
  about: 'agent',
  findings: [
    well('card/members', 'required members', 'all there'),
    well('card/interfaces', 'transports and versions', 'JSONRPC 1.0, GRPC 1.0'),
  ],
};

const sound: Checkup = {
  schema: 'muster.checkup/1',
  muster: '0.1.0',
  started_at: '2026-11-22T05:00:00.000Z',
  took_ms: 1_730,
  fitness: 'fit',
  exit_code: 0,
  target: { kind: 'url', value: 'https://agent.example.com', name: 'travel', protocol: '1.0' },
  sent: { requests: 34, messages: 4, cancels: 0 },
  chapters: [
    card,
    {
      area: 'calls',
      title: 'Calls',
      about: 'agent',
      findings: [well('calls/latency', 'latency of GetTask', 'median 2.2 ms, slowest 33.1 ms (n = 5)')],
    },
    ...machine,
  ],
};

const inPart: Checkup = {
  ...sound,
  fitness: 'partly',
  exit_code: 2,
  sent: { requests: 29, messages: 3, cancels: 1 },
  chapters: [
    card,
    {
      area: 'errors',
      title: 'Errors',
      about: 'agent',
      findings: [
        {
          id: 'errors/unknown-method',
          looked_at: 'unknown-method',
          seen: 'JSONRPC 1.0: answered with HTTP status 404 and a page: "<!doctype html><h1>Not found</h1>".',
          status: 'problem',
          advice:
            'Answer a request for a method that there is not with MethodNotFoundError (§9.5): clients go by its number, and learn nothing from a page, a trace or silence.',
        },
      ],
    },
    {
      area: 'interfaces',
      title: 'Interfaces',
      about: 'agent',
      findings: [
        well('interfaces/answers:JSONRPC 1.0', 'JSONRPC 1.0', 'answers in 20 ms, at https://agent.example.com/rpc'),
        {
          id: 'interfaces/answers:GRPC 1.0',
          looked_at: 'GRPC 1.0',
          seen: 'https://agent.example.com:50051/: connection-refused, No connection established',
          status: 'problem',
          advice: 'Start what is to listen there, or take the interface off the card.',
          hinders: 'part',
        },
      ],
    },
    ...machine,
  ],
};

const nobody: Checkup = {
  ...sound,
  fitness: 'unfit',
  exit_code: 1,
  target: { kind: 'url', value: 'https://agent.example.com' },
  sent: { requests: 1, messages: 0, cancels: 0 },
  chapters: [
    {
      area: 'card',
      title: 'Card',
      about: 'agent',
      findings: [
        {
          id: 'card/found',
          looked_at: 'the agent card',
          seen: 'https://agent.example.com/.well-known/agent-card.json refuses connections: nothing listens there',
          status: 'problem',
          advice:
            'Start the agent, or look whether host and port of the URL are right and a firewall lets you through.',
          hinders: 'all',
        },
      ],
    },
    ...machine,
  ],
};

const machineOnly: Checkup = {
  ...sound,
  target: null,
  sent: { requests: 0, messages: 0, cancels: 0 },
  chapters: machine,
};

const NASTY = '::error::<script>alert(1)</script>\u001b[31m\u202e"\'`&]]>';

const hostile: Checkup = {
  ...inPart,
  target: { kind: 'command', value: NASTY, name: `${NASTY}${'x'.repeat(2_000)}`, protocol: '1.0' },
  chapters: inPart.chapters.map((chapter) => ({
    ...chapter,
    findings: chapter.findings.map((finding) => ({
      ...finding,
      looked_at: NASTY,
      seen: `${NASTY} ${'y'.repeat(3_000)}`,
    })),
  })),
};

export const checkups: Readonly<Record<string, Checkup>> = { sound, inPart, nobody, machineOnly, hostile };
