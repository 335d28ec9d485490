package a2a

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/grafana/sobek"
)

const (
	cardPath     = "/.well-known/agent-card.json"
	cardTimeout  = 10 * time.Second
	cardBytesMax = 4 << 20
)

// fetchCard reads the agent card below a URL (§8.2), in setup() best: what setup() gives goes to all VUs. No sample is taken.
func (i *instance) fetchCard(functionCall sobek.FunctionCall) sobek.Value {
	return i.thrown(func(f sobek.FunctionCall) (any, error) {
		state := i.vu.State()
		if state == nil {
			return nil, errors.New("k6/x/a2a: a card cannot be fetched in the init context; fetch it in setup()")
		}
		base, err := resolved(f.Argument(0).String(), "")
		if err != nil {
			return nil, fmt.Errorf("k6/x/a2a: fetchCard needs the URL of an agent: %w", err)
		}
		address := base
		if !strings.HasSuffix(base, ".json") {
			address = base + cardPath
		}
		ctx, cancel := context.WithTimeout(i.vu.Context(), cardTimeout)
		defer cancel()
		card, err := getCard(ctx, state.Transport, address, userAgentOf(state))
		if err != nil {
			return nil, fmt.Errorf("k6/x/a2a: failed to read the agent card at %s: %w", address, err)
		}
		return card, nil
	})(functionCall)
}

func getCard(ctx context.Context, transport http.RoundTripper, address string, headers map[string]string) (map[string]any, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, cardBytesMax))
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, httpFailure(response.StatusCode, response.Header.Get("Content-Type"), body)
	}
	var card map[string]any
	if err := json.Unmarshal(body, &card); err != nil {
		return nil, fmt.Errorf("it is no JSON object (%w): %s", err, quoted(string(body)))
	}
	return card, nil
}
