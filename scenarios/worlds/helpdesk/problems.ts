/** Problems that users of a helpdesk have, what its desks know about them, and how its answers are read. */
import type { Task } from '../../../harness/model/a2a.ts';
import type { Utterance, Words } from '../../../harness/model/speech.ts';
import { saidIn, stateOf, toldIn } from '../said.ts';

export interface Problem {
  readonly problem: string;
  /** What the answer has to say. */
  readonly advice: string;
}

/** Two of each desk, one after the other; all of them begin alike. */
export const PROBLEMS: readonly Problem[] = [
  { problem: 'since Monday the vpn drops', advice: 'network: use the other gateway' },
  { problem: 'since Monday the wifi is slow', advice: 'network: forget the network and join it again' },
  { problem: 'since Monday my password fails', advice: 'identity: choose a new one at the portal' },
  { problem: 'since Monday my badge is lost', advice: 'identity: fetch another at the gate' },
  { problem: 'since Monday the editor crashes', advice: 'software: start it without extensions' },
  { problem: 'since Monday my calendar is empty', advice: 'software: sign in again' },
  { problem: 'since Monday the printer jams', advice: 'hardware: take the paper out of tray two' },
  { problem: 'since Monday my screen is dark', advice: 'hardware: plug it into the other port' },
];

const ANY: Problem = { problem: 'since Monday the vpn drops', advice: 'network: use the other gateway' };
export const problemAt = (index: number): Problem => PROBLEMS[index % PROBLEMS.length] ?? ANY;

/** What no desk knows about, and so waits for a person. */
export const COFFEE = 'the coffee is cold';
export const WINDOW = 'the window is stuck';

export const help = (words: Words, problem: string, priority: 'high' | 'low' = 'low'): Utterance =>
  words('helpdesk/ask', { problem, priority });

export const answer = (words: Words, ticket: string, text: string): Utterance =>
  words('helpdesk/answer', { ticket, answer: text });

/** The number of the ticket that a task waits for. */
export const ticketIn = (task: Task | undefined): string | undefined => /ticket (\w+)/.exec(toldIn(task))?.[1];

/** Of a task, for who reads a finding. */
export const told = (task: Task | undefined): string => `${stateOf(task)} "${saidIn(task)}"`;
