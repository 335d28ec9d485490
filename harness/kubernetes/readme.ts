/** What lies beside the manifests for who has to apply them: which file is what, the exact commands, and what an exit code means. */
import { hasSecret, type KubernetesLoad, NAME, PATHS, resultOf, USERS_KEY, USERS_SECRET } from './kubernetes-load.ts';

export function readme(load: KubernetesLoad): string {
  const { plan, shards, image, k6 } = load;
  const target = plan.target.kind === 'url' ? plan.target.url : plan.target.kind;
  return [
    `# A load on Kubernetes`,
    `\`muster load --emit k8s\` of muster ${plan.muster} wrote this: the load \`${plan.load.profile}\`, seed ${plan.seed}, on ${target}, dealt among ${shards} pods, which are together exactly the one plan in \`base.yaml\`. The YAML is meant to be read, and changed where your cluster wants it otherwise.`,
    filesOf(load),
    '## Once',
    once(load, image),
    '## The load',
    `    ./run.sh${'file' in k6 ? '        # or ./run.sh k6' : ''}`,
    `does this, and ends with the exit code of the verdict:`,
    steps('node'),
    `Every pod of the first Job carries out its shard; the second Job merges them and judges checks and gates on the whole. Its exit code is the verdict's: 0 pass, 1 findings, 2 inconclusive, 3 gate missed, 4 a shard left nothing at all, 5 muster itself failed. **The whole is what counts**: a shard ends with the verdict of its own part, so its Job may be Failed where the whole passes, and the other way round. No pod is begun anew, and one that was killed midway makes the whole inconclusive.`,
    '## The results',
    `    kubectl apply -f collect.yaml\n    kubectl wait --for=condition=Ready pod/${NAME}-collect\n    kubectl cp ${NAME}-collect:${PATHS.results} results\n    kubectl delete -f .`,
    `\`${resultOf('node', 'whole').slice(1)}/report.html\` is the report of the whole; the run folders of the shards are beside it. The last command removes everything, **the results on the volume too**; after that it can be run again.`,
    ...('file' in k6 ? ['## With k6-operator', operator()] : []),
    '',
  ].join('\n\n');
}

function filesOf(load: KubernetesLoad): string {
  const rows: readonly (readonly [string, string])[] = [
    ['`base.yaml`', 'ServiceAccount without a token, ConfigMap with the plan, PersistentVolumeClaim for the results'],
    ['`node-shards.yaml`, `node-merge.yaml`', 'the load by the embedded engine, with its checks, and its merging'],
    ...('file' in load.k6
      ? ([
          [
            '`k6-shards.yaml`, `k6-merge.yaml`',
            'the same load by k6, which checks nothing of what the agent says, and its merging',
          ],
          ['`k6-operator/testrun.yaml`', 'the same load for k6-operator 1.6: validated, not run'],
        ] as const)
      : []),
    ['`collect.yaml`', 'a pod to copy results from'],
    ['`run.sh`', 'the commands below'],
    ['`Dockerfile`', 'one recipe of an image; any other with `sh`, `muster` and `k6` on its PATH will do'],
  ];
  const table = ['| file | what it is |', '| --- | --- |', ...rows.map(([file, what]) => `| ${file} | ${what} |`)];
  const missing = 'why_not' in load.k6 ? `\n\nThere is nothing for k6: ${load.k6.why_not}` : '';
  return `${table.join('\n')}${missing}`;
}

function once(load: KubernetesLoad, image: string): string {
  const commands = [
    `docker build -t ${image} . && docker push ${image}`,
    'kubectl create namespace load',
    'kubectl label namespace load pod-security.kubernetes.io/enforce=restricted',
    'kubectl config set-context --current --namespace=load',
    ...(hasSecret(load)
      ? [`kubectl create secret generic ${USERS_SECRET} --from-file=${USERS_KEY}=YOUR-USERS-FILE`]
      : []),
  ];
  const secret = hasSecret(load)
    ? `\n\nThe headers of your users are in no file here: pods read them from the Secret \`${USERS_SECRET}\`, which is yours.`
    : '';
  return `${commands.map((line) => `    ${line}`).join('\n')}\n\nThe pods pass a \`restricted\` namespace. All of them write to one volume (\`ReadWriteMany\`): where the default storage class of your cluster has none, name one that has in \`base.yaml\`.${secret}`;
}

const steps = (engine: string): string =>
  [
    'kubectl apply -f base.yaml',
    `kubectl create -f ${engine}-shards.yaml     # and wait until the Job ${NAME}-${engine} is Complete or Failed`,
    `kubectl create -f ${engine}-merge.yaml      # and wait for ${NAME}-${engine}-merge`,
    `kubectl logs job/${NAME}-${engine}-merge`,
  ]
    .map((line) => `    ${line}`)
    .join('\n');

const operator = (): string =>
  `    kubectl apply -f base.yaml -f k6-operator/testrun.yaml

\`k6-operator/testrun.yaml\` is **validated, not run**: it holds to the operator's CRD. The operator adds nothing up and judges nothing: a TestRun is \`finished\` even when a runner failed, so look at the Jobs of its runners. Each leaves its samples as \`/results/<pod>.json.gz\`. For a verdict use \`./run.sh k6\`.`;
