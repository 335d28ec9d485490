package a2a

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptrace"
	"strconv"
	"strings"
	"syscall"
	"time"

	"go.k6.io/k6/v2/lib"
	"go.k6.io/k6/v2/lib/netext/httpext"
)

var (
	errTimeout = errors.New("no answer in time")
	errLeft    = errors.New("the caller left")
)

// A call is one operation from beginning to end. Its request and options are read before it runs, so that it can run beside the VU.
type call struct {
	op      operation
	options *callOptions
	request *http.Request
	rpcID   []byte
	state   *lib.State
	context context.Context
	jar     *cookiejar.Jar
	samples *sampler

	tracer *httpext.Tracer
	// When it was begun, and when there was a connection that it could be sent on; zero while there is none.
	began, connected time.Time
	reused           bool
	response         *http.Response
	timer            *time.Timer
	known            known
	overAt           time.Time
	reading          streamReading
	answer           []byte
}

// A result is what JavaScript gets. Durations are milliseconds.
type result struct {
	Outcome      string      `js:"outcome"`
	Reason       string      `js:"reason"`
	Message      string      `js:"message"`
	Status       int         `js:"status"`
	TaskID       string      `js:"taskId"`
	ContextID    string      `js:"contextId"`
	State        string      `js:"state"`
	Answer       string      `js:"answer"`
	Events       []keptEvent `js:"events"`
	EventCount   int         `js:"event_count"`
	Comments     int         `js:"comments"`
	Ended        string      `js:"ended"`
	Stalled      bool        `js:"stalled"`
	DurationMS   float64     `js:"duration_ms"`
	ConnectMS    float64     `js:"connect_ms"`
	FirstEventMS float64     `js:"first_event_ms"`
	LongestGapMS float64     `js:"longest_gap_ms"`
	RetryAfterMS float64     `js:"retry_after_ms"`
}

func (c *call) run() *result {
	if limit := c.state.RPSLimit; limit != nil {
		if err := limit.Wait(c.context); err != nil {
			return c.end(errLeft)
		}
	}
	ctx, cancel := context.WithCancelCause(c.context)
	defer cancel(errLeft)
	c.began = time.Now()
	if due := c.options.due; !due.IsZero() {
		c.samples.late(c.began.Sub(due))
	}
	c.timer = time.AfterFunc(c.options.timeout, func() { cancel(errTimeout) })
	defer c.timer.Stop()
	if a := c.options.aborter; a != nil {
		a.add(c, func() { cancel(errLeft) })
		defer a.remove(c)
	}
	err := c.perform(ctx)
	if err != nil && ctx.Err() != nil && !isOurs(err) {
		// Whatever the broken connection says, and whatever k6 ended the VU for.
		err = errLeft
		if errors.Is(context.Cause(ctx), errTimeout) {
			err = errTimeout
		}
	}
	return c.end(err)
}

func isOurs(err error) bool {
	var own *callError
	return errors.As(err, &own)
}

func (c *call) perform(ctx context.Context) error {
	c.tracer = &httpext.Tracer{}
	trace := c.tracer.Trace()
	gotConn := trace.GotConn
	trace.GotConn = func(info httptrace.GotConnInfo) {
		gotConn(info)
		c.connected, c.reused = time.Now(), info.Reused
	}
	// The transport of k6 brings its dialer, TLS options, proxy and connections. It follows no redirects: one is no answer of an agent.
	response, err := c.state.Transport.RoundTrip(c.request.WithContext(httptrace.WithClientTrace(ctx, trace)))
	if err != nil {
		return err
	}
	c.response = response
	defer func() { _ = response.Body.Close() }()
	if c.jar != nil {
		c.jar.SetCookies(c.request.URL, response.Cookies())
	}
	isStream := strings.HasPrefix(response.Header.Get("Content-Type"), "text/event-stream")
	if c.op.streams && isStream && response.StatusCode/100 == 2 {
		return c.readStream(response.Body)
	}
	return c.readWhole(response)
}

func (c *call) readWhole(response *http.Response) error {
	body, err := io.ReadAll(io.LimitReader(response.Body, int64(c.options.answerBytesMax)+1))
	if err != nil {
		return err
	}
	if len(body) > c.options.answerBytesMax {
		return failure("answer-too-large", 0, "The answer is larger than "+strconv.Itoa(c.options.answerBytesMax)+" bytes")
	}
	contentType := response.Header.Get("Content-Type")
	if c.rpcID != nil {
		if told := c.toldByRPC(body, response.StatusCode); told != nil {
			return told
		}
	}
	if response.StatusCode/100 != 2 {
		if c.rpcID == nil {
			if told := restFailure(body, response.StatusCode, false); told != nil {
				return told
			}
		}
		return httpFailure(response.StatusCode, contentType, body)
	}
	if c.op.streams {
		return junk("no stream but " + contentType + " that begins: " + quoted(string(body)))
	}
	if len(body) > 0 && contentType != "" && !strings.Contains(strings.ToLower(contentType), "json") {
		return junk("another content type than JSON: " + contentType + " that begins: " + quoted(string(body)))
	}
	return c.readAnswer(body)
}

// toldByRPC is the error in an envelope, whatever the HTTP status.
func (c *call) toldByRPC(body []byte, status int) error {
	var envelope struct {
		JSONRPC string    `json:"jsonrpc"`
		Error   *rpcError `json:"error"`
	}
	if json.Unmarshal(body, &envelope) != nil || envelope.Error == nil {
		return nil
	}
	if envelope.JSONRPC == "" && !c.op.streams && status/100 != 2 {
		return nil
	}
	return rpcFailure(envelope.Error)
}

func (c *call) readAnswer(body []byte) error {
	result := json.RawMessage(body)
	if c.rpcID != nil {
		var envelope rpcAnswer
		if err := json.Unmarshal(body, &envelope); err != nil {
			return junk("what cannot be read (" + err.Error() + "): " + quoted(string(body)))
		}
		if err := c.checkEnvelope(envelope.JSONRPC, envelope.ID); err != nil {
			return err
		}
		result = envelope.Result
	}
	if err := c.understand(result); err != nil {
		return err
	}
	if c.options.keep != "none" {
		c.answer = result
	}
	if c.known.isOver() {
		c.overAt = time.Now()
	}
	return nil
}

func (c *call) checkEnvelope(version string, id []byte) error {
	if version != "2.0" {
		return junk("what is no JSON-RPC 2.0")
	}
	if string(id) != string(c.rpcID) {
		return junk("the id " + quoted(string(id)) + " in place of " + string(c.rpcID))
	}
	return nil
}

func (c *call) understand(body []byte) error {
	var err error
	switch {
	case c.op.name == opList.name:
		var page struct{ Tasks []task }
		if err = json.Unmarshal(body, &page); err == nil {
			for _, one := range page.Tasks {
				if err := new(known).takeTask(&one); err != nil {
					return err
				}
			}
		}
	case c.op.sends:
		var reply *payload
		if err = json.Unmarshal(body, &reply); err == nil {
			return c.known.take(reply, false)
		}
	default:
		var one *task
		if err = json.Unmarshal(body, &one); err == nil {
			return c.known.takeTask(one)
		}
	}
	if err != nil {
		return junk("what cannot be read (" + err.Error() + "): " + quoted(string(body)))
	}
	return nil
}

// classify puts what Go reports into the words of the table.
func (c *call) classify(err error) *callError {
	var own *callError
	var certificate *tls.CertificateVerificationError
	text := err.Error()
	switch {
	case errors.As(err, &own):
		return own
	case errors.Is(err, errTimeout):
		return failure("timeout", 0, c.lateness())
	case errors.Is(err, errLeft):
		return failure("aborted", 0, c.op.name+" was given up before there was an answer")
	case strings.Contains(text, "malformed"):
		return junk("what is no HTTP: " + text)
	case !c.connected.IsZero():
		return failure("connection-lost", 0, text)
	case errors.Is(err, syscall.EADDRNOTAVAIL), errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return failure("no-socket", 0, text)
	case strings.HasPrefix(text, "net/http: invalid"):
		return failure("not-sendable", 0, text)
	case errors.As(err, &certificate):
		return failure("connection-refused", 0, "The certificate of the agent does not verify: "+text)
	}
	return failure("connection-refused", 0, text)
}

func (c *call) lateness() string {
	limit := c.options.timeout.String()
	if c.op.streams {
		return "No event of " + c.op.name + " for " + limit + ", after " + strconv.Itoa(c.reading.count) + " events"
	}
	return "No answer to " + c.op.name + " within " + limit
}

// end tells what the call came to, in samples and to the script. A stream that its reader leaves has done what was asked of it.
func (c *call) end(err error) *result {
	now := time.Now()
	r := &result{Outcome: "ok", TaskID: c.known.taskID, ContextID: c.known.contextID, State: c.known.state,
		Answer: string(c.answer), Events: c.reading.kept, EventCount: c.reading.count, Comments: c.reading.comments,
		Stalled: c.reading.stalled}
	var failed *callError
	isLeft := errors.Is(err, errLeft)
	switch {
	case err == nil && c.op.streams:
		r.Ended = "by-agent"
	case isLeft && c.op.streams:
		r.Ended = "by-reader"
	case err != nil:
		failed = c.classify(err)
		r.Outcome, r.Reason, r.Message, r.Status = failed.outcome(), failed.code, failed.message, failed.status
	}
	if c.response != nil {
		r.Status = c.response.StatusCode
		if seconds, err := strconv.Atoi(c.response.Header.Get("Retry-After")); err == nil && seconds >= 0 {
			r.RetryAfterMS = float64(seconds) * 1000
		}
	}
	if c.began.IsZero() {
		c.began = now
	}
	c.samples.end(now, r, failed)
	return r
}
