// Package a2a is the k6 module k6/x/a2a: calls to A2A agents over JSON-RPC and HTTP+JSON, with streams read event by event. What a
// call comes to is told in the words of the embedded engine (errors.json), so that samples of both mean the same.
package a2a

import (
	"sync/atomic"

	"github.com/grafana/sobek"
	"go.k6.io/k6/v2/js/common"
	"go.k6.io/k6/v2/js/modules"
	"go.k6.io/k6/v2/metrics"
)

func init() { modules.Register("k6/x/a2a", new(rootModule)) }

type rootModule struct{}

// An instance belongs to one VU, and all of it but calls under way to its goroutine.
type instance struct {
	vu      modules.VU
	metrics ownMetrics
	rpcID   atomic.Int64
}

type ownMetrics struct {
	calls, failed, protocolError, callDuration, taskDuration, connect *metrics.Metric
	firstEvent, eventGap, events, stalled, streamsOpen                *metrics.Metric
}

// NewModuleInstance runs in the init context, the only place where metrics may be made.
func (*rootModule) NewModuleInstance(vu modules.VU) modules.Instance {
	made := vu.InitEnv().Registry.MustNewMetric
	return &instance{vu: vu, metrics: ownMetrics{
		calls:         made("a2a_calls", metrics.Counter),
		failed:        made("a2a_failed", metrics.Rate),
		protocolError: made("a2a_protocol_error", metrics.Rate),
		callDuration:  made("a2a_call_duration", metrics.Trend, metrics.Time),
		taskDuration:  made("a2a_task_duration", metrics.Trend, metrics.Time),
		connect:       made("a2a_connect", metrics.Trend, metrics.Time),
		firstEvent:    made("a2a_time_to_first_event", metrics.Trend, metrics.Time),
		eventGap:      made("a2a_event_gap", metrics.Trend, metrics.Time),
		events:        made("a2a_events", metrics.Counter),
		stalled:       made("a2a_stream_stalled", metrics.Rate),
		streamsOpen:   made("a2a_streams_open", metrics.Gauge),
	}}
}

func (i *instance) Exports() modules.Exports {
	return modules.Exports{Named: map[string]any{"agent": i.agent, "fetchCard": i.fetchCard, "aborter": i.aborter}}
}

// thrown makes a Go function one that JavaScript can call, and its error an exception.
func (i *instance) thrown(f func(sobek.FunctionCall) (any, error)) func(sobek.FunctionCall) sobek.Value {
	return func(call sobek.FunctionCall) sobek.Value {
		value, err := f(call)
		if err != nil {
			common.Throw(i.vu.Runtime(), err)
		}
		return i.vu.Runtime().ToValue(value)
	}
}
