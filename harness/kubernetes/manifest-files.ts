/** The whole folder as text: YAML for people to read, each document headed by what it is for. */
import { Document } from 'yaml';
import { collectPod, planMap, resultsClaim, serviceAccount } from './base.ts';
import { dockerfile } from './dockerfile.ts';
import { merge, shards } from './jobs.ts';
import type { Engine, KubernetesLoad, Manifest } from './kubernetes-load.ts';
import { readme } from './readme.ts';
import { RUN_SCRIPT } from './run-script.ts';
import { testRun } from './test-run.ts';

/** By their paths in the folder, with `/` between folders. */
export function manifestFiles(load: KubernetesLoad): Readonly<Record<string, string>> {
  return {
    'README.md': readme(load),
    'run.sh': RUN_SCRIPT,
    Dockerfile: dockerfile(load.plan.muster),
    'base.yaml': yamlOf(
      ['Who the pods are. They ask nothing of the API of the cluster, so they get no token.', serviceAccount()],
      ['The plan, for every pod.', planMap(load)],
      ['What pods leave. All of them write to it, from whatever node they are on.', resultsClaim()],
    ),
    'collect.yaml': yamlOf(['To copy results from.', collectPod(load)]),
    ...jobFiles('node', load),
    ...('file' in load.k6
      ? {
          ...jobFiles('k6', load),
          'k6-operator/testrun.yaml': yamlOf([
            'Validated, not run: held against the CRD of k6-operator 1.6, and never run by the operator.',
            testRun(load),
          ]),
        }
      : {}),
  };
}

function jobFiles(engine: Engine, load: KubernetesLoad): Readonly<Record<string, string>> {
  return {
    [`${engine}-shards.yaml`]: yamlOf([
      `The load, dealt among ${load.shards} pods. None is begun anew: half a shard done again is no shard.`,
      shards(engine, load),
    ]),
    [`${engine}-merge.yaml`]: yamlOf([
      'Apply it when the shards are over: it merges them, and its exit code is that of the verdict.',
      merge(engine, load),
    ]),
  };
}

function yamlOf(...documents: readonly (readonly [about: string, manifest: Manifest])[]): string {
  return documents
    .map(([about, manifest]) => {
      const document = new Document(manifest, { aliasDuplicateObjects: false });
      document.commentBefore = ` ${about}`;
      return document.toString({ lineWidth: 0, blockQuote: 'literal' });
    })
    .join('---\n');
}
