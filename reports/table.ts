/**
 * The report formats that are written to the run's folder. Each is a pure function of the RunRecord, so a run can be
 * rendered again without running it; adding a format is a file and a row here.
 */
import type { RunRecord } from '../harness/model/record.ts';
import { renderHtml } from './html/page.ts';
import { renderJson } from './json/json.ts';
import { renderJunit } from './junit/junit.ts';
import { renderIssues } from './markdown/issues.ts';

export interface Report {
  /** As `--report` names it. */
  readonly name: string;
  /** Its name in the run's folder. */
  readonly file: string;
  /** Null where there is nothing to write. */
  readonly render: (record: RunRecord) => string | null;
}

export const reports: readonly Report[] = [
  { name: 'json', file: 'report.json', render: renderJson },
  { name: 'html', file: 'report.html', render: renderHtml },
  { name: 'junit', file: 'junit.xml', render: renderJunit },
  { name: 'issues', file: 'issues.md', render: renderIssues },
];
