/** What only the agents of one world go through, told in their own words. */
import type { Scenario } from '../../harness/model/scenario.ts';
import { absurdQuestions } from './analyst/absurd-questions.ts';
import { cancelMidChart } from './analyst/cancel-mid-chart.ts';
import { cutAnywhere } from './analyst/cut-anywhere.ts';
import { slowReaders } from './analyst/slow-readers.ts';
import { tenWatchers } from './analyst/ten-watchers.ts';

const analyst = [tenWatchers, cutAnywhere, cancelMidChart, slowReaders, absurdQuestions];

export const worldScenarios: readonly Scenario[] = [...analyst];
