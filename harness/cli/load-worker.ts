/** What a thread of a load runs: it finds the scripts anew, since no script can be sent to it. */
import { workerData } from 'node:worker_threads';
import { scenarios as standardScenarios } from '../../scenarios/table.ts';
import { type WorkerData, workOnLoad } from '../run/load-worker.ts';
import { loadSoundConfig } from './config.ts';

const { plan } = workerData as WorkerData;
const { scenarios = [] } = plan.config === undefined ? {} : await loadSoundConfig(plan.config);
await workOnLoad(new Map([...standardScenarios, ...scenarios].map((each) => [each.name, each])));
