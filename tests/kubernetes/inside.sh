#!/bin/sh
# The first process of a test cluster, in namespaces of its own: mounts, network and processes. There is no way out of that network, and when
# this process ends, so does everything. Called as: inside.sh FOLDER PROGRAM
set -eu
folder=$1 program=$2
node=10.77.0.1 pods=10.77.1.0/24 services=10.77.2.0/24
cd "$folder"
mkdir -p pki etcd cni log volume

# Where these programs write whatever they are told: in memory, and seen by nobody else.
for path in /run /var/lib/cni /var/lib/kubelet /var/log/pods /var/log/containers; do
  mkdir -p "$path"
  mount -t tmpfs tmpfs "$path"
done
mkdir -p /run/lock /run/netns

ip link set lo up
ip link add node0 type dummy 2>/dev/null || ip link add node0 type bridge
ip addr add "$node/24" dev node0
ip link set node0 up
# What is sent to a Service must be on its way somewhere before it is sent elsewhere.
ip route add "$services" dev node0
echo 1 > /proc/sys/net/ipv4/ip_forward

start() {
  name=$1
  shift
  "$@" > "log/$name.log" 2>&1 &
}
# try TIMES COMMAND...: until it does, a fifth of a second apart.
try() {
  left=$1
  shift
  until "$@" > /dev/null 2>&1; do
    left=$((left - 1))
    if [ "$left" = 0 ]; then
      echo "never did: $*" >&2
      return 1
    fi
    sleep 0.2
  done
}

openssl genrsa -out pki/accounts.key 2048 2> /dev/null
openssl rsa -in pki/accounts.key -pubout -out pki/accounts.pub 2> /dev/null
token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
(umask 077 && printf '%s,admin,admin,"system:masters"\n' "$token" > pki/tokens.csv)
(umask 077 && cat > kubeconfig) << YAML
apiVersion: v1
kind: Config
current-context: test
clusters: [{ name: test, cluster: { server: "https://127.0.0.1:6443", insecure-skip-tls-verify: true } }]
users: [{ name: admin, user: { token: "$token" } }]
contexts: [{ name: test, context: { cluster: test, user: admin, namespace: load } }]
YAML

start etcd "$program" etcd --data-dir="$folder/etcd" --unsafe-no-fsync --log-level=warn \
  --listen-client-urls=http://127.0.0.1:2379 --advertise-client-urls=http://127.0.0.1:2379 \
  --listen-peer-urls=http://127.0.0.1:2380 --initial-advertise-peer-urls=http://127.0.0.1:2380 \
  --initial-cluster=default=http://127.0.0.1:2380
start apiserver "$program" apiserver --etcd-servers=http://127.0.0.1:2379 --secure-port=6443 --bind-address=0.0.0.0 \
  --advertise-address="$node" --cert-dir="$folder/pki" --service-cluster-ip-range="$services" \
  --service-account-issuer=https://kubernetes.default.svc --service-account-key-file=pki/accounts.pub \
  --service-account-signing-key-file=pki/accounts.key --authorization-mode=RBAC --token-auth-file=pki/tokens.csv \
  --allow-privileged=true --kubelet-preferred-address-types=InternalIP

# Its containers stay below one group, which can be removed when they are gone; the old form of groups has several trees.
for tree in /sys/fs/cgroup /sys/fs/cgroup/*; do
  [ -e "$tree/cgroup.procs" ] || continue
  mkdir -p "$tree/muster-test"
  for set in cpuset.cpus cpuset.mems; do
    [ -e "$tree/$set" ] && [ -e "$tree/muster-test/$set" ] && cat "$tree/$set" > "$tree/muster-test/$set"
  done
  # Else all containers together would be worth as much as any one other process of this machine.
  [ -e "$tree/muster-test/cpu.shares" ] && echo 8192 > "$tree/muster-test/cpu.shares"
  [ -e "$tree/muster-test/cpu.weight" ] && echo 800 > "$tree/muster-test/cpu.weight"
done 2> /dev/null || true
cat > containerd.toml << TOML
version = 2
root = "$folder/containerd"
state = "/run/containerd"
[grpc]
  address = "/run/containerd.sock"
[plugins."io.containerd.internal.v1.opt"]
  path = "$folder/containerd/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "muster.test/pause:1"
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$folder/cni"
TOML
cat > cni/10-test.conflist << JSON
{ "cniVersion": "1.0.0", "name": "test", "plugins": [{ "type": "bridge", "bridge": "cni0", "isGateway": true, "hairpinMode": true,
  "ipam": { "type": "host-local", "dataDir": "/run/cni", "ranges": [[{ "subnet": "$pods" }]], "routes": [{ "dst": "0.0.0.0/0" }] } }] }
JSON
start containerd containerd --config containerd.toml
try 150 ctr -a /run/containerd.sock version
for image in images/*.tar; do ctr -a /run/containerd.sock -n k8s.io images import "$image"; done

try 300 "$program" kubectl --kubeconfig=kubeconfig get --raw /readyz
start manager "$program" manager --kubeconfig=kubeconfig --leader-elect=false --bind-address=127.0.0.1 \
  --service-account-private-key-file=pki/accounts.key --root-ca-file=pki/apiserver.crt --authentication-skip-lookup=true \
  --horizontal-pod-autoscaler-sync-period=2s
start scheduler "$program" scheduler --kubeconfig=kubeconfig --leader-elect=false --bind-address=127.0.0.1
cat > kubelet.yaml << YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
containerRuntimeEndpoint: unix:///run/containerd.sock
cgroupDriver: cgroupfs
cgroupRoot: /muster-test
failCgroupV1: false
failSwapOn: false
oomScoreAdj: 0
maxOpenFiles: 20000
resolvConf: ""
authentication: { anonymous: { enabled: true }, webhook: { enabled: false } }
authorization: { mode: AlwaysAllow }
evictionHard: { memory.available: 100Mi, nodefs.available: "1%", imagefs.available: "1%" }
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
YAML
start kubelet "$program" kubelet --config=kubelet.yaml --kubeconfig=kubeconfig --root-dir="$folder/kubelet" \
  --cert-dir="$folder/kubelet-pki" --node-ip="$node" --hostname-override=node
# One bridge carries all pods: an answer would go straight back, past who must change its sender, were senders not changed as well.
cat > proxy.yaml << YAML
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
clientConnection: { kubeconfig: kubeconfig }
mode: iptables
iptables: { masqueradeAll: true }
clusterCIDR: $pods
hostnameOverride: node
bindAddress: $node
conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s }
YAML
start proxy "$program" proxy --config=proxy.yaml
try 300 "$program" kubectl --kubeconfig=kubeconfig get node node
touch started
wait
