/**
 * Who may import whom. Everything that is not said here is forbidden: a folder may import itself and what its row names.
 * `packages` are the npm packages and node: modules; `pure` folders get no node: modules at all.
 */
export interface Row {
  readonly folder: string;
  readonly imports: readonly string[];
  readonly packages: readonly string[];
}

export const NODE = 'node:*';

export const importTable: readonly Row[] = [
  { folder: 'harness/model', imports: [], packages: [] },
  { folder: 'harness/plan', imports: ['harness/model'], packages: ['pure-rand'] },
  { folder: 'harness/script', imports: ['harness/model'], packages: [] },
  { folder: 'harness/checks', imports: ['harness/model', 'harness/checks/parts'], packages: [] },
  { folder: 'harness/checks/parts', imports: ['harness/model'], packages: [] },
  {
    folder: 'harness/judge',
    imports: ['harness/model', 'harness/checks/parts'],
    packages: ['hdr-histogram-js', 'simple-statistics'],
  },
  { folder: 'harness/shrink', imports: ['harness/model'], packages: [] },
  { folder: 'harness/ports', imports: ['harness/model'], packages: [NODE] },
  { folder: 'harness/sessions', imports: ['harness/model'], packages: [NODE] },
  { folder: 'harness/agents', imports: ['harness/model'], packages: [NODE, 'undici'] },
  { folder: 'harness/wire', imports: ['harness/model'], packages: [NODE, 'undici', '@a2a-js/sdk', '@grpc/grpc-js'] },
  { folder: 'harness/faults', imports: ['harness/model'], packages: [NODE, 'toxiproxy-node-client'] },
  { folder: 'harness/hooks', imports: ['harness/model'], packages: [NODE] },
  { folder: 'harness/history', imports: ['harness/model'], packages: [NODE] },
  { folder: 'harness/msw', imports: ['harness/model'], packages: ['msw'] },
  {
    folder: 'harness/engines/node',
    imports: ['harness/model', 'harness/plan', 'harness/script'],
    packages: [NODE, 'quick-lru'],
  },
  { folder: 'harness/kubernetes', imports: ['harness/model'], packages: ['yaml'] },
  { folder: 'harness/engines/k6', imports: ['harness/model'], packages: [NODE] },
  {
    folder: 'harness/run',
    imports: [
      'harness/model',
      'harness/plan',
      'harness/script',
      'harness/ports',
      'harness/sessions',
      'harness/agents',
      'harness/wire',
      'harness/faults',
      'harness/hooks',
      'harness/history',
      'harness/msw',
      'harness/judge',
      'harness/engines/node',
      'harness/engines/k6',
    ],
    packages: [NODE],
  },
  {
    folder: 'harness/cli',
    imports: [
      'harness/model',
      'harness/plan',
      'harness/checks',
      'harness/checks/parts',
      'harness/judge',
      'harness/faults',
      'harness/history',
      'harness/sessions',
      'harness/ports',
      'harness/agents',
      'harness/wire',
      'harness/engines/k6',
      'harness/run',
      'harness/shrink',
      'harness/kubernetes',
      'scenarios',
      'fixtures',
      'reports',
    ],
    packages: [NODE, 'yargs', 'zod', 'leven', 'prom-client', 'a2a-muster'],
  },
  /** The library's front door names what users may import. */
  { folder: 'harness', imports: ['harness/model', 'harness/script', 'harness/cli'], packages: [] },
  { folder: 'scenarios', imports: ['harness/model', 'harness/script'], packages: [] },
  {
    folder: 'fixtures',
    imports: ['harness/model', 'harness/msw'],
    packages: [
      NODE,
      'undici',
      'msw',
      '@a2a-js/sdk',
      '@grpc/grpc-js',
      'express',
      'jose',
      'pure-rand',
      'zod',
      'pino',
      'prom-client',
      '@opentelemetry/api',
      '@opentelemetry/sdk-trace',
      '@opentelemetry/exporter-trace-otlp-http',
      'pg',
      '@redis/client',
    ],
  },
  { folder: 'reports', imports: ['harness/model'], packages: [] },
];
