package a2a

import (
	"net"
	"strconv"
	"time"

	"go.k6.io/k6/v2/lib"
	"go.k6.io/k6/v2/metrics"
)

const (
	// What streams tell goes on together, for a sample on its own costs a wake-up; and not later than that, for somebody may watch.
	batchMax   = 64
	batchMSMax = 500 * time.Millisecond
)

// A sampler collects what one call has to tell. What is told while a stream runs bears no outcome, which nobody knows yet.
type sampler struct {
	of      *ownMetrics
	call    *call
	tags    metrics.TagsAndMeta
	batch   metrics.Samples
	flushed time.Time
	counted int
}

func newSampler(of *ownMetrics, c *call, transport string) *sampler {
	tags := c.state.Tags.GetCurrentValues()
	for name, value := range c.options.tags {
		tags.SetTag(name, value)
	}
	if c.options.user != "" {
		tags.SetTag("user", c.options.user)
	}
	tags.SetTag("operation", c.op.name)
	tags.SetTag("transport", transport)
	return &sampler{of: of, call: c, tags: tags}
}

// late is told beside each sample of the call, and not as a tag, for each value of a tag is a series of its own.
func (s *sampler) late(by time.Duration) {
	s.tags.SetMetadata("late_ms", strconv.FormatFloat(max(0, metrics.D(by)), 'f', 3, 64))
}

func (s *sampler) add(metric *metrics.Metric, at time.Time, value float64, tags *metrics.TagSet) {
	s.batch = append(s.batch, metrics.Sample{TimeSeries: metrics.TimeSeries{Metric: metric, Tags: tags},
		Time: at, Value: value, Metadata: s.tags.Metadata})
}

// flush goes past metrics.PushIfNotDone: what was measured of a call that the end of a scenario broke off is to be told, too, and
// k6 waits for all VUs and their promises before it closes the channel.
func (s *sampler) flush(now time.Time) {
	s.flushed = now
	if events := s.call.reading.count - s.counted; events > 0 {
		s.add(s.of.events, now, float64(events), s.tags.Tags)
		s.counted = s.call.reading.count
	}
	if len(s.batch) > 0 {
		s.call.state.Samples <- s.batch
		s.batch = nil
	}
}

func (s *sampler) firstEvent(now time.Time, after time.Duration) {
	s.add(s.of.firstEvent, now, metrics.D(after), s.tags.Tags)
	s.flushed = now
}

func (s *sampler) gap(now time.Time, gap time.Duration) {
	s.add(s.of.eventGap, now, metrics.D(gap), s.tags.Tags)
	if len(s.batch) >= batchMax || now.Sub(s.flushed) >= batchMSMax {
		s.flush(now)
	}
}

func (s *sampler) streamsOpen(count int64) {
	s.add(s.of.streamsOpen, time.Now(), float64(count), s.tags.Tags)
}

func (s *sampler) end(now time.Time, r *result, failed *callError) {
	c := s.call
	r.DurationMS = milliseconds(now.Sub(c.began))
	r.FirstEventMS = milliseconds(c.reading.firstEvent)
	r.LongestGapMS = milliseconds(c.reading.longestGap)
	tags := s.tags.Tags.With("outcome", r.Outcome)
	if failed != nil {
		tags = tags.With("reason", failed.code)
	}
	if r.Ended != "" {
		tags = tags.With("ended", r.Ended)
	}
	if state := c.known.terminalState(); state != "" {
		tags = tags.With("state", state)
	}
	s.add(s.of.calls, now, 1, tags)
	s.add(s.of.failed, now, metrics.B(failed != nil), tags)
	s.add(s.of.protocolError, now, metrics.B(failed != nil && failed.ofProtocol()), tags)
	s.add(s.of.callDuration, now, metrics.D(now.Sub(c.began)), tags)
	if !c.connected.IsZero() {
		connecting := c.connected.Sub(c.began)
		r.ConnectMS = milliseconds(connecting)
		if !c.reused {
			s.add(s.of.connect, now, metrics.D(connecting), tags)
		}
	}
	if !c.overAt.IsZero() {
		s.add(s.of.taskDuration, now, metrics.D(c.overAt.Sub(c.began)), tags)
	}
	if c.reading.opened {
		// The silence before the end counts as well, however it ended.
		silence := now.Sub(c.connected)
		if c.reading.count > 0 {
			silence = now.Sub(c.reading.last)
		}
		r.Stalled = r.Stalled || silence > c.options.stall
		s.add(s.of.stalled, now, metrics.B(r.Stalled), tags)
	}
	s.flush(now)
	s.http(failed)
}

// http gives k6's own metrics of HTTP their samples, tagged as http.post does. A stream counts until its end.
func (s *sampler) http(failed *callError) {
	c := s.call
	if c.tracer == nil {
		return
	}
	trail := c.tracer.Done()
	tags := s.tags.Clone()
	enabled := c.state.Options.SystemTags
	// Paths hold the ids of tasks, each of which would be a series of its own.
	name, isNamed := tags.Tags.Get(metrics.TagName.String())
	if !isNamed {
		name = c.op.name
	}
	tags.SetSystemTagOrMetaIfEnabled(enabled, metrics.TagName, name)
	tags.SetSystemTagOrMetaIfEnabled(enabled, metrics.TagURL, name)
	tags.SetSystemTagOrMetaIfEnabled(enabled, metrics.TagMethod, c.request.Method)
	status := 0
	if c.response != nil {
		status = c.response.StatusCode
		tags.SetSystemTagOrMetaIfEnabled(enabled, metrics.TagProto, c.response.Proto)
	}
	tags.SetSystemTagOrMetaIfEnabled(enabled, metrics.TagStatus, strconv.Itoa(status))
	if failed != nil {
		tags.SetSystemTagOrMetaIfEnabled(enabled, metrics.TagError, failed.code)
	}
	isExpected := status >= 200 && status < 400
	tags.SetSystemTagOrMetaIfEnabled(enabled, metrics.TagExpectedResponse, strconv.FormatBool(isExpected))
	if enabled.Has(metrics.TagIP) && trail.ConnRemoteAddr != nil {
		if ip, _, err := net.SplitHostPort(trail.ConnRemoteAddr.String()); err == nil {
			tags.SetSystemTagOrMeta(metrics.TagIP, ip)
		}
	}
	trail.SaveSamples(c.state.BuiltinMetrics, &tags)
	trail.Failed.Valid, trail.Failed.Bool = true, !isExpected
	trail.Samples = append(trail.Samples, metrics.Sample{
		TimeSeries: metrics.TimeSeries{Metric: c.state.BuiltinMetrics.HTTPReqFailed, Tags: tags.Tags},
		Time:       trail.EndTime, Metadata: tags.Metadata, Value: metrics.B(!isExpected)})
	c.state.Samples <- trail
}

func userAgentOf(state *lib.State) map[string]string {
	if agent := state.Options.UserAgent; agent.Valid && agent.String != "" {
		return map[string]string{"User-Agent": agent.String}
	}
	return nil
}
