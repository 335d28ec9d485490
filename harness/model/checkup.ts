/**
 * What `muster doctor` found out about an agent and the machine: everything that its reports may see. Readonly data, so that what was
 * seen and how it is told stay apart.
 */

/** `problem` is what stands in the way of a test, or what the agent does wrong; `note` is worth knowing, and nobody's fault. */
export type CheckupStatus = 'ok' | 'note' | 'problem';

/** What cannot be tested for it: nothing at all can, or some of it cannot. */
export type Hindrance = 'all' | 'part';

interface Looked {
  /** `area/what`, kebab-case, and the same in every checkup; an interface is named after a colon. */
  readonly id: string;
  readonly looked_at: string;
  readonly seen: string;
}

export type CheckupFinding = Looked &
  (
    | { readonly status: 'ok' }
    | { readonly status: 'note'; readonly advice: string }
    /** Without `hinders` it is a mistake of the agent that stands in the way of no test. */
    | { readonly status: 'problem'; readonly advice: string; readonly hinders?: Hindrance }
  );

export interface CheckupChapter {
  readonly area: string;
  readonly title: string;
  readonly about: 'agent' | 'machine';
  readonly findings: readonly CheckupFinding[];
}

/** `partly` also where it cannot be told. */
export type Fitness = 'fit' | 'partly' | 'unfit';

export interface CheckupTarget {
  readonly kind: 'url' | 'command' | 'fixture';
  readonly value: string;
  /** As its card has them; nothing where no card was had. */
  readonly name?: string;
  readonly protocol?: '1.0' | '0.3';
}

export interface Checkup {
  readonly schema: 'muster.checkup/1';
  readonly muster: string;
  /** ISO 8601, in UTC. */
  readonly started_at: string;
  readonly took_ms: number;
  readonly fitness: Fitness;
  readonly exit_code: number;
  /** Null when only the machine was looked at. */
  readonly target: CheckupTarget | null;
  /** Everything that went to the agent, but for what asks for the card while it starts. */
  readonly sent: { readonly requests: number; readonly messages: number; readonly cancels: number };
  readonly chapters: readonly CheckupChapter[];
}
