package a2a

import (
	"encoding/json"
	"io"
	"strconv"
	"sync/atomic"
	"time"
)

// A keptEvent is an event as the script gets it: its JSON, and when it was there, in milliseconds after the request went out.
type keptEvent struct {
	AtMS float64 `js:"at_ms"`
	JSON string  `js:"json"`
}

type streamReading struct {
	opened     bool
	count      int
	comments   int
	bytes      int
	last       time.Time
	longestGap time.Duration
	firstEvent time.Duration
	stalled    bool
	kept       []keptEvent
}

// Small, for each of thousands of streams holds one.
const readBytes = 4 << 10

var streamsOpen atomic.Int64

// readStream reads to the end, and tells of each event as it comes.
func (c *call) readStream(body io.Reader) error {
	c.reading.opened = true
	c.samples.streamsOpen(streamsOpen.Add(1))
	defer func() { c.samples.streamsOpen(streamsOpen.Add(-1)) }()
	parser := newSSEParser(eventBytesMax)
	defer func() { c.reading.comments = parser.comments }()
	buffer := make([]byte, readBytes)
	var now time.Time
	emit := func(event sseEvent) error { return c.takeEvent(event, now) }
	bytesMax := c.options.answerBytesMax * streamBytesFactor
	for {
		read, err := body.Read(buffer)
		now = time.Now()
		c.reading.bytes += read
		if c.reading.bytes > bytesMax {
			return failure("answer-too-large", 0, "The stream is larger than "+strconv.Itoa(bytesMax)+" bytes")
		}
		if failed := parser.feed(buffer[:read], emit); failed != nil {
			return failed
		}
		if err == io.EOF {
			return parser.finish(emit)
		}
		if err != nil {
			return err
		}
	}
}

func (c *call) takeEvent(event sseEvent, now time.Time) error {
	if len(event.data) == 0 {
		return nil
	}
	if err := c.understandEvent(event); err != nil {
		return err
	}
	r := &c.reading
	if r.count == c.options.eventsMax {
		return failure("stream-too-long", 0, c.op.name+" brought more than "+strconv.Itoa(c.options.eventsMax)+" events")
	}
	c.timer.Reset(c.options.timeout)
	r.count++
	if r.count == 1 {
		r.firstEvent = now.Sub(c.connected)
		r.stalled = r.firstEvent > c.options.stall
		c.samples.firstEvent(now, r.firstEvent)
	} else {
		gap := now.Sub(r.last)
		r.longestGap = max(r.longestGap, gap)
		r.stalled = r.stalled || gap > c.options.stall
		c.samples.gap(now, gap)
	}
	r.last = now
	if c.overAt.IsZero() && c.known.isOver() {
		c.overAt = now
	}
	c.keep(event, now)
	if c.options.leaveAfter > 0 && r.count >= c.options.leaveAfter {
		return errLeft
	}
	return nil
}

func (c *call) keep(event sseEvent, now time.Time) {
	if c.options.keep == "none" {
		return
	}
	kept := keptEvent{AtMS: milliseconds(now.Sub(c.connected)), JSON: string(event.data)}
	if c.options.keep == "last" && len(c.reading.kept) > 0 {
		c.reading.kept[0] = kept
		return
	}
	c.reading.kept = append(c.reading.kept, kept)
}

func (c *call) understandEvent(event sseEvent) error {
	if c.rpcID == nil {
		if event.name == "error" {
			if told := restFailure(event.data, 0, true); told != nil {
				return told
			}
			return junk("an error event that names no error: " + quoted(string(event.data)))
		}
		var one payload
		if err := json.Unmarshal(event.data, &one); err != nil {
			return junk("an event that cannot be read (" + err.Error() + "): " + quoted(string(event.data)))
		}
		return c.known.take(&one, true)
	}
	var envelope rpcEvent
	if err := json.Unmarshal(event.data, &envelope); err != nil {
		return junk("an event that cannot be read (" + err.Error() + "): " + quoted(string(event.data)))
	}
	if err := c.checkEnvelope(envelope.JSONRPC, envelope.ID); err != nil {
		return err
	}
	if envelope.Error != nil {
		return rpcFailure(envelope.Error)
	}
	return c.known.take(envelope.Result, true)
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
