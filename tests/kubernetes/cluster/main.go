// Command cluster is all of Kubernetes in one program, for a cluster that lives as long as a test: the first argument names the part that it
// is to be. Linked together the parts share most of their code, which is built once and lies in one file.
package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	kubectl "k8s.io/kubectl/pkg/cmd"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	manager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	proxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"

	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
)

var parts = map[string]func() *cobra.Command{
	"apiserver": apiserver.NewAPIServerCommand,
	"manager":   manager.NewControllerManagerCommand,
	"scheduler": func() *cobra.Command { return scheduler.NewSchedulerCommand() },
	"kubelet":   func() *cobra.Command { return kubelet.NewKubeletCommand(context.Background()) },
	"proxy":     proxy.NewProxyCommand,
	"kubectl":   kubectl.NewDefaultKubectlCommand,
}

func main() {
	// Each part reads its own name where any other program has its own.
	os.Args = os.Args[1:]
	if len(os.Args) > 0 && os.Args[0] == "etcd" {
		etcdmain.Main(os.Args)
		return
	}
	if len(os.Args) > 0 && parts[os.Args[0]] != nil {
		os.Exit(cli.Run(parts[os.Args[0]]()))
	}
	fmt.Fprintln(os.Stderr, "usage: cluster etcd|"+strings.Join(slices.Sorted(maps.Keys(parts)), "|")+" [flags]")
	os.Exit(2)
}
