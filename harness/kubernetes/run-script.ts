/** The commands of a run in a cluster, in their order, as a script: what it ends with is what CI goes by, so nothing unclear ends with 0. */
import { NAME } from './kubernetes-load.ts';

export const RUN_SCRIPT = `#!/bin/sh
# Carries the load out on the cluster and in the namespace that kubectl points at, and ends with the exit code of the verdict.
#   ./run.sh          the embedded engine, with its checks
#   ./run.sh k6       the same load by k6
set -eu
cd "$(dirname "$0")"
engine=\${1:-node}
[ -f "$engine-shards.yaml" ] || { echo "There is no $engine-shards.yaml here; give node or k6." >&2; exit 4; }
job=${NAME}-$engine

# A Job is over when it has completed or failed, and none of its pods runs any more.
wait_for() {
  while :; do
    over=$(kubectl get job "$1" -o jsonpath='{.status.conditions[?(@.status=="True")].type}')
    case " $over " in *' Complete '* | *' Failed '*) return ;; esac
    sleep 2
  done
}

kubectl apply -f base.yaml
if ! kubectl create -f "$engine-shards.yaml"; then
  echo "Copy the results of the last run, and remove what is left of it: kubectl delete -f ." >&2
  exit 4
fi
wait_for "$job"
kubectl get pods -l "batch.kubernetes.io/job-name=$job"
kubectl logs -l "batch.kubernetes.io/job-name=$job" --prefix --tail=20 || true

kubectl create -f "$engine-merge.yaml"
wait_for "$job-merge"
kubectl logs "job/$job-merge" || true
code=$(kubectl get pods -l "batch.kubernetes.io/job-name=$job-merge" \\
  -o jsonpath='{.items[0].status.containerStatuses[0].state.terminated.exitCode}')
if [ -z "$code" ]; then
  echo "Nobody knows how the merging ended: its pod is gone, or never began." >&2
  exit 5
fi
exit "$code"
`;
