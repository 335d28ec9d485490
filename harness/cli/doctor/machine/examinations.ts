/** What the machine is examined for: one file and one line here adds an examination. */
import { files } from './files.ts';
import { isolation } from './isolation.ts';
import type { MachineExamination } from './machine.ts';
import { ports } from './ports.ts';
import { programs } from './programs.ts';
import { runtime } from './runtime.ts';

export const machineExaminations: readonly MachineExamination[] = [runtime, files, ports, programs, isolation];
