// Command k6 is k6 with the module k6/x/a2a linked in. It falls under the AGPL-3.0 of k6 and is therefore built on the
// machine that uses it, and never shipped.
package main

import (
	"go.k6.io/k6/v2/cmd"
	_ "muster/k6/a2a"
)

func main() { cmd.Execute() }
