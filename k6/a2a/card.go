package a2a

import (
	"fmt"
	"net/url"
	"strings"
)

// An endpoint is the interface of an agent that is spoken to.
type endpoint struct {
	url       string
	transport string // jsonrpc or rest
	tenant    string
}

var transportOfBinding = map[string]string{"JSONRPC": "jsonrpc", "HTTP+JSON": "rest"}

// pickInterface takes the first interface of A2A 1.x on the card that this module speaks, or the first over the given transport.
// Its URL may be relative to where the card was found.
func pickInterface(card map[string]any, base, transport string) (endpoint, error) {
	list, _ := card["supportedInterfaces"].([]any)
	var offered []string
	for _, item := range list {
		face, _ := item.(map[string]any)
		text := func(name string) string { s, _ := face[name].(string); return s }
		binding, version := text("protocolBinding"), text("protocolVersion")
		offered = append(offered, strings.TrimSpace(binding+" "+version))
		spoken := transportOfBinding[binding]
		if spoken == "" || text("url") == "" || (transport != "" && spoken != transport) || !isOf10(version) {
			continue
		}
		address, err := resolved(text("url"), base)
		if err != nil {
			return endpoint{}, fmt.Errorf("the %s interface of the agent card has a URL that cannot be used: %w", binding, err)
		}
		return endpoint{url: address, transport: spoken, tenant: text("tenant")}, nil
	}
	wanted := "JSONRPC or HTTP+JSON of A2A 1.x"
	if transport != "" {
		wanted = "the transport " + transport + " in A2A 1.x"
	}
	told := "it names no interface (supportedInterfaces)"
	if len(offered) > 0 {
		told = "it offers " + strings.Join(offered, ", ")
	}
	return endpoint{}, fmt.Errorf("the agent card does not offer %s, which is what k6/x/a2a speaks: %s", wanted, told)
}

// A version that is left out is taken for 1.x.
func isOf10(version string) bool {
	return version == "" || version == "1" || strings.HasPrefix(version, "1.")
}

func resolved(address, base string) (string, error) {
	from, err := url.Parse(base)
	if err != nil {
		return "", err
	}
	to, err := from.Parse(address)
	if err != nil {
		return "", err
	}
	if (to.Scheme != "http" && to.Scheme != "https") || to.Host == "" {
		return "", fmt.Errorf("%q is not an absolute http or https URL; give `url` for what it is relative to", address)
	}
	return strings.TrimSuffix(to.String(), "/"), nil
}
