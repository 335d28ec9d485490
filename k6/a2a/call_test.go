package a2a

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/grafana/sobek"
	"go.k6.io/k6/v2/js/modulestest"
	"go.k6.io/k6/v2/lib"
	"go.k6.io/k6/v2/metrics"
	"golang.org/x/time/rate"
	"gopkg.in/guregu/null.v3"
)

// A bench is a VU with our module in it, and the samples that it has given.
type bench struct {
	*modulestest.Runtime
	state   *lib.State
	samples chan metrics.SampleContainer
}

func newBench(t *testing.T) *bench {
	t.Helper()
	runtime := modulestest.NewRuntime(t)
	registry := runtime.VU.InitEnvField.Registry
	exports := new(rootModule).NewModuleInstance(runtime.VU).Exports().Named
	if err := runtime.VU.Runtime().Set("a2a", exports); err != nil {
		t.Fatal(err)
	}
	samples := make(chan metrics.SampleContainer, 100_000)
	tags := metrics.SystemTagSet(metrics.TagName | metrics.TagURL | metrics.TagMethod | metrics.TagStatus | metrics.TagError)
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment}
	t.Cleanup(transport.CloseIdleConnections)
	state := &lib.State{
		Options:        lib.Options{SystemTags: &tags, UserAgent: null.StringFrom("muster-test")},
		Transport:      transport,
		Samples:        samples,
		Tags:           lib.NewVUStateTags(registry.RootTagSet()),
		BuiltinMetrics: runtime.BuiltinMetrics,
	}
	runtime.MoveToVUContext(state)
	return &bench{Runtime: runtime, state: state, samples: samples}
}

func (b *bench) run(t *testing.T, code string) sobek.Value {
	t.Helper()
	value, err := b.RunOnEventLoop(code)
	if err != nil {
		t.Fatalf("%s: %v", code, err)
	}
	return value
}

func (b *bench) refuses(code string) string {
	_, err := b.RunOnEventLoop(code)
	if err == nil {
		return ""
	}
	return err.Error()
}

func (b *bench) call(t *testing.T, code string) *result {
	t.Helper()
	found, isResult := b.run(t, code).Export().(*result)
	if !isResult {
		t.Fatalf("%s gave no result", code)
	}
	return found
}

// told gives the values of each metric so far, and the tags of the last one.
func (b *bench) told() (map[string][]float64, map[string]map[string]string) {
	values, tags := map[string][]float64{}, map[string]map[string]string{}
	for len(b.samples) > 0 {
		for _, sample := range (<-b.samples).GetSamples() {
			values[sample.Metric.Name] = append(values[sample.Metric.Name], sample.Value)
			tags[sample.Metric.Name] = sample.Tags.Map()
		}
	}
	return values, tags
}

type asked struct {
	method, path string
	header       http.Header
	body         map[string]any
	// Closed when the client has gone.
	gone <-chan struct{}
}

func (a asked) id() string { return fmt.Sprint(a.body["id"]) }

func serve(t *testing.T, answer func(http.ResponseWriter, asked)) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler(answer))
	t.Cleanup(server.Close)
	return server
}

func handler(answer func(http.ResponseWriter, asked)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		decoder := json.NewDecoder(strings.NewReader(string(text)))
		decoder.UseNumber()
		one := asked{method: r.Method, path: r.URL.RequestURI(), header: r.Header, gone: r.Context().Done()}
		_ = decoder.Decode(&one.body)
		answer(w, one)
	})
}

func answerTask(w http.ResponseWriter, one asked) {
	w.Header().Set("Content-Type", "application/json")
	task := `{"id":"t","contextId":"c","status":{"state":"TASK_STATE_COMPLETED"}}`
	if strings.HasPrefix(fmt.Sprint(one.body["method"]), "Send") {
		task = `{"task":` + task + `}`
	}
	_, _ = fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"result":%s}`, one.id(), task)
}

func TestEveryAnswerOfTheCorpusComesToWhatItSays(t *testing.T) {
	var now corpusAnswer
	server := serve(t, func(w http.ResponseWriter, one asked) {
		w.Header().Set("Content-Type", now.ContentType)
		w.WriteHeader(now.Status)
		_, _ = io.WriteString(w, strings.ReplaceAll(now.Body, "{id}", one.id()))
		if now.Cut {
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}
	})
	server.Config.ErrorLog = nil
	b := newBench(t)
	for _, now = range readCorpus(t).Answers {
		r := b.call(t, fmt.Sprintf(`a2a.agent({ url: %q, transport: %q }).subscribe("t")`, server.URL, now.Transport))
		if r.Outcome != now.Outcome || r.Reason != now.Reason || r.EventCount != now.Events {
			t.Errorf("%s, %s: %s %s with %d events (%s), expected %s %s with %d", now.Transport, now.Name, r.Outcome, r.Reason,
				r.EventCount, r.Message, now.Outcome, now.Reason, now.Events)
		}
		if now.State != "" && r.State != now.State {
			t.Errorf("%s, %s: state %q", now.Transport, now.Name, r.State)
		}
		values, tags := b.told()
		if len(values["a2a_calls"]) != 1 || tags["a2a_calls"]["outcome"] != now.Outcome || tags["a2a_calls"]["reason"] != now.Reason {
			t.Errorf("%s, %s: told as %v", now.Transport, now.Name, tags["a2a_calls"])
		}
		if told := tags["a2a_call_duration"]; told["ended"] != r.Ended || told["state"] != terminalOf(r.State) {
			t.Errorf("%s, %s: ended %q in %q, told as %v", now.Transport, now.Name, r.Ended, r.State, told)
		}
		if len(values["http_reqs"]) != 1 || len(values["http_req_failed"]) != 1 {
			t.Errorf("%s, %s: http samples %v", now.Transport, now.Name, values)
		}
	}
}

func TestBothBindingsSendWhatTheSpecificationWants(t *testing.T) {
	var seen []asked
	server := serve(t, func(w http.ResponseWriter, one asked) { seen = append(seen, one); answerTask(w, one) })
	b := newBench(t)
	for _, transport := range []string{"jsonrpc", "rest"} {
		b.run(t, fmt.Sprintf(`
			var agent = a2a.agent({ url: %q, transport: %q, tenant: "a b", headers: { authorization: "Bearer a" } });
			agent.send({ text: "hi", messageId: "m", taskId: "t" }, { returnImmediately: true, headers: { "x-user": "u1" } });
			agent.stream("hi");
			agent.get("t/1", { historyLength: 0 });
			agent.cancel("t");
			agent.subscribe("t");
			agent.list({ pageSize: 2, status: "TASK_STATE_WORKING", includeArtifacts: false });`, server.URL, transport))
	}
	var requests []string
	for _, one := range seen {
		requests = append(requests, strings.TrimSuffix(fmt.Sprintf("%s %s %v", one.method, one.path, one.body["method"]), " <nil>"))
	}
	expected := []string{
		"POST / SendMessage", "POST / SendStreamingMessage", "POST / GetTask", "POST / CancelTask", "POST / SubscribeToTask", "POST / ListTasks",
		"POST /a%20b/message:send", "POST /a%20b/message:stream", "GET /a%20b/tasks/t%2F1?historyLength=0", "POST /a%20b/tasks/t:cancel",
		"POST /a%20b/tasks/t:subscribe", "GET /a%20b/tasks?includeArtifacts=false&pageSize=2&status=TASK_STATE_WORKING",
	}
	if !reflect.DeepEqual(requests, expected) {
		t.Errorf("sent %q", requests)
	}
	body, _ := json.Marshal(seen[6].body)
	if string(body) != `{"configuration":{"returnImmediately":true},"message":{"messageId":"m","parts":[{"text":"hi"}],"role":"ROLE_USER","taskId":"t"}}` {
		t.Errorf("sent %s", body)
	}
	h := seen[0].header
	for name, value := range map[string]string{"A2A-Version": "1.0", "Authorization": "Bearer a", "X-User": "u1", "User-Agent": "muster-test",
		"Accept": "application/json", "Content-Type": "application/json"} {
		if h.Get(name) != value {
			t.Errorf("%s was %q", name, h.Get(name))
		}
	}
	if seen[7].header.Get("Accept") != "text/event-stream" || seen[2].header.Get("X-Idempotency-Key") != "" {
		t.Error("a stream was asked for without its content type, or a header of Go's own went out")
	}
}

func TestTheBindingIsChosenFromTheCard(t *testing.T) {
	b := newBench(t)
	card := `{ supportedInterfaces: [{ url: "grpc.test:1", protocolBinding: "GRPC", protocolVersion: "1.0" },
		{ url: "http://old.test/", protocolBinding: "JSONRPC", protocolVersion: "0.3" },
		{ url: "/rest/", protocolBinding: "HTTP+JSON", protocolVersion: "1.0", tenant: "x" },
		{ url: "http://rpc.test/a", protocolBinding: "JSONRPC", protocolVersion: "1.0" }] }`
	for options, expected := range map[string]string{"": "rest http://agent.test/rest", `, transport: "jsonrpc"`: "jsonrpc http://rpc.test/a"} {
		got := b.run(t, fmt.Sprintf(`var a = a2a.agent({ url: "http://agent.test", card: %s %s }); a.transport + " " + a.url`, card, options)).String()
		if got != expected {
			t.Errorf("%s: %s", options, got)
		}
	}
	refused := b.refuses(`a2a.agent({ url: "http://a.test", card: { supportedInterfaces: [{ url: "x", protocolBinding: "GRPC", protocolVersion: "1.0" }] } })`)
	if !strings.Contains(refused, "it offers GRPC 1.0") {
		t.Error(refused)
	}
}

func TestMistakesAreToldAllAtOnce(t *testing.T) {
	b := newBench(t)
	for code, words := range map[string][]string{
		`a2a.agent({ url: "http://a.test" }).send("x", { timeout: 1, stall_ms: 1, timeout_ms: 0, keep: "some" })`:   {"timeout, stall_ms", "timeout_ms is 0", "keep must be one of all, last, none"},
		`a2a.agent({ url: "http://a.test" }).stream("x", { events_max: 1.5, leave_after: -1, headers: { a: {} } })`: {"events_max is 1.5", "leave_after is -1", "headers.a must be a string"},
		`a2a.agent({ url: "http://a.test" }).send({ txt: "x", taskId: 7 })`:                                         {"no txt", "taskId must be a string", "either text or parts"},
		`a2a.agent({ url: "ftp://a.test", transport: "grpc", retries: 3 })`:                                         {"no retries", "jsonrpc, rest", "ftp://a.test"},
		`a2a.agent({ url: "http://a.test" }).get("")`:                                                               {"GetTask needs the id of a task"},
		`a2a.agent({ url: "http://a.test" }).send("x", { aborter: {} })`:                                            {"what aborter() gives"},
		`a2a.agent()`: {"is missing"},
	} {
		refused := b.refuses(code)
		for _, word := range words {
			if !strings.Contains(refused, word) {
				t.Errorf("%s: %q is not in %q", code, word, refused)
			}
		}
	}
}

// slowReader hands one event on at a time, so that no two are read at once, however busy the machine is.
type slowReader struct {
	http.RoundTripper
}

type slowBody struct {
	io.Closer
	reader *bufio.Reader
}

func (s slowReader) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := s.RoundTripper.RoundTrip(request)
	if err == nil {
		response.Body = slowBody{response.Body, bufio.NewReader(response.Body)}
	}
	return response, err
}

func (s slowBody) Read(into []byte) (int, error) {
	time.Sleep(time.Millisecond)
	line, err := s.reader.ReadBytes('\n')
	return copy(into, line), err
}

func workingTask(id string, n int, state string) string {
	task := fmt.Sprintf(`{"task":{"id":"t%d","status":{"state":"TASK_STATE_%s"}}}`, n, state)
	return fmt.Sprintf("data: {\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":%s}\n\n", id, task)
}

func TestAStreamIsTimedEventByEvent(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, one asked) {
		w.Header().Set("Content-Type", "text/event-stream")
		for n, state := range []string{"WORKING", "WORKING", "COMPLETED", "COMPLETED"} {
			_, _ = io.WriteString(w, workingTask(one.id(), n, state))
		}
	})
	b := newBench(t)
	b.state.Transport = slowReader{b.state.Transport}
	code := fmt.Sprintf(`a2a.agent({ url: %q }).stream("x", { keep: "all", user: "u1", tags: { phase: "warm" } })`, server.URL)
	r := b.call(t, code)
	values, tags := b.told()
	gaps, events := values["a2a_event_gap"], r.Events
	if len(gaps) != 3 || len(events) != 4 {
		t.Fatalf("%d gaps, %d events", len(gaps), len(events))
	}
	for n, gap := range gaps {
		if between := events[n+1].AtMS - events[n].AtMS; gap <= 1 || gap > r.LongestGapMS || math.Abs(gap-between) > 0.001 {
			t.Errorf("gap %d is %v, and %v lie between the events; the longest is %v", n, gap, between, r.LongestGapMS)
		}
	}
	if first := values["a2a_time_to_first_event"]; len(first) != 1 || math.Abs(first[0]-events[0].AtMS) > 0.001 {
		t.Errorf("first event after %v, and at %v", first, events[0].AtMS)
	}
	// It was over with the third event, and the stream went on.
	over := events[2].AtMS + r.ConnectMS
	if task := values["a2a_task_duration"]; len(task) != 1 || math.Abs(task[0]-over) > 0.001 || task[0] >= r.DurationMS {
		t.Errorf("the task took %v, and was over at %v", task, over)
	}
	if !reflect.DeepEqual(values["a2a_stream_stalled"], []float64{0}) || !reflect.DeepEqual(values["a2a_events"], []float64{4}) {
		t.Errorf("told %v", values)
	}
	if open := values["a2a_streams_open"]; len(open) != 2 || open[0] != open[1]+1 {
		t.Errorf("streams open %v", open)
	}
	if len(values["a2a_connect"]) != 1 {
		t.Errorf("connect %v", values["a2a_connect"])
	}
	expected := map[string]string{"operation": "SendStreamingMessage", "transport": "jsonrpc", "user": "u1", "phase": "warm"}
	if !reflect.DeepEqual(tags["a2a_event_gap"], expected) {
		t.Errorf("tags %v", tags["a2a_event_gap"])
	}
	again := b.call(t, strings.Replace(code, `keep:`, `stall_ms: 0.5, keep:`, 1))
	if values, _ = b.told(); !again.Stalled || !reflect.DeepEqual(values["a2a_stream_stalled"], []float64{1}) {
		t.Errorf("stalled %v, %v", again.Stalled, values["a2a_stream_stalled"])
	}
}

func TestACallTellsHowLateItBegan(t *testing.T) {
	server := serve(t, answerTask)
	b := newBench(t)
	due := time.Now().Add(-time.Hour).UnixMilli()
	b.call(t, fmt.Sprintf(`a2a.agent({ url: %q }).send("short", { due_ms: %d.5 })`, server.URL, due))
	told := 0
	for len(b.samples) > 0 {
		for _, sample := range (<-b.samples).GetSamples() {
			if !strings.HasPrefix(sample.Metric.Name, "a2a_") {
				continue
			}
			told++
			late, err := strconv.ParseFloat(sample.Metadata["late_ms"], 64)
			if hour := 3_600_000.0; err != nil || late < hour-1 || late > hour+60_000 {
				t.Errorf("%s tells %v", sample.Metric.Name, sample.Metadata)
			}
		}
	}
	if told == 0 {
		t.Error("nothing was told")
	}
	wrong := b.refuses(fmt.Sprintf(`a2a.agent({ url: %q }).send("short", { due_ms: -1 })`, server.URL))
	if !strings.Contains(wrong, "due_ms is -1 and must be milliseconds since 1970") {
		t.Error(wrong)
	}
}

func TestTheConnectIsNoPartOfTheTimeToTheFirstEvent(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, one asked) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = fmt.Fprintf(w, "data: {\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":{\"message\":{\"messageId\":\"m\"}}}\n\n", one.id())
	})
	b := newBench(t)
	late := 150 * time.Millisecond
	b.state.Transport = &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		time.Sleep(late)
		return new(net.Dialer).DialContext(ctx, network, addr)
	}}
	r := b.call(t, fmt.Sprintf(`a2a.agent({ url: %q }).stream("x")`, server.URL))
	if r.ConnectMS < milliseconds(late) || r.FirstEventMS <= 0 || r.DurationMS < r.ConnectMS+r.FirstEventMS {
		t.Errorf("connect %v, first event %v, whole %v", r.ConnectMS, r.FirstEventMS, r.DurationMS)
	}
}

func TestTheClockTheCallerAndTheLimitsEndACall(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, one asked) {
		w.Header().Set("Content-Type", "text/event-stream")
		for n := range 30 {
			_, _ = io.WriteString(w, workingTask(one.id(), n, "WORKING"))
		}
		w.(http.Flusher).Flush()
		<-one.gone
	})
	b := newBench(t)
	told := func(code string) string {
		r := b.call(t, fmt.Sprintf(`var agent = a2a.agent({ url: %q }); %s`, server.URL, code))
		return strings.TrimSpace(fmt.Sprintf("%s %s %d %s", r.Outcome, r.Reason, r.EventCount, r.Ended))
	}
	for code, expected := range map[string]string{
		`agent.stream("x", { timeout_ms: 1000 })`:                             "info timeout 30",
		`agent.stream("x", { leave_after: 4 })`:                               "ok  4 by-reader",
		`agent.stream("x", { events_max: 7 })`:                                "info stream-too-long 7",
		`agent.stream("x", { answer_bytes_max: 10 })`:                         "info answer-too-large 0",
		`var b = a2a.aborter(); b.abort(); agent.stream("x", { aborter: b })`: "ok  0 by-reader",
		`var b = a2a.aborter(); b.abort(); agent.send("x", { aborter: b })`:   "info aborted 0",
	} {
		if got := told(code); got != expected {
			t.Errorf("%s: %q, expected %q", code, got, expected)
		}
	}
}

func TestAStreamThatGoesOnIsNotTooLate(t *testing.T) {
	const events, gap = 12, 50 * time.Millisecond
	server := serve(t, func(w http.ResponseWriter, one asked) {
		w.Header().Set("Content-Type", "text/event-stream")
		for n := range events {
			_, _ = io.WriteString(w, workingTask(one.id(), n, "WORKING"))
			w.(http.Flusher).Flush()
			time.Sleep(gap)
		}
	})
	r := newBench(t).call(t, fmt.Sprintf(`a2a.agent({ url: %q }).stream("x", { timeout_ms: 450 })`, server.URL))
	if r.Outcome != "ok" || r.EventCount != events || r.DurationMS < 450 {
		t.Errorf("%+v", r)
	}
}

func TestManyStreamsAreHeldByOneVUAndCanBeLeft(t *testing.T) {
	const many = 50
	open := make(chan struct{}, many)
	server := serve(t, func(w http.ResponseWriter, one asked) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, workingTask(one.id(), 1, "WORKING"))
		w.(http.Flusher).Flush()
		open <- struct{}{}
		<-one.gone
	})
	b := newBench(t)
	leave := b.run(t, `globalThis.leave = a2a.aborter(); globalThis.leave`).Export().(*aborter)
	go func() {
		for range many {
			<-open
		}
		leave.Abort()
	}()
	b.run(t, fmt.Sprintf(`
		var ended = [];
		Promise.all(Array.from({ length: %d }, () => a2a.agent({ url: %q }).streamAsync("x", { aborter: leave, keep: "none" })))
			.then((all) => { ended = all.map((r) => r.outcome + r.ended); });`, many, server.URL))
	got := b.run(t, `ended.join()`).String()
	if got != strings.TrimSuffix(strings.Repeat("okby-reader,", many), ",") {
		t.Error(got)
	}
}

func TestWhatTheEndOfAScenarioBreaksOffIsTold(t *testing.T) {
	b := newBench(t)
	server := serve(t, func(w http.ResponseWriter, one asked) { b.CancelContext(); <-one.gone })
	if r := b.call(t, fmt.Sprintf(`a2a.agent({ url: %q }).send("x")`, server.URL)); r.Outcome+r.Reason != "infoaborted" {
		t.Errorf("%+v", r)
	}
	if values, _ := b.told(); len(values["a2a_calls"]) != 1 {
		t.Errorf("told %v", values)
	}
}

// rawServer speaks below HTTP.
func rawServer(t *testing.T, onConnection func(net.Conn, int)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for n := 1; ; n++ {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go onConnection(connection, n)
		}
	}()
	return "http://" + listener.Addr().String()
}

func TestBrokenConnectionsAreCertainOnlyBeforeTheRequestWent(t *testing.T) {
	gone := rawServer(t, func(net.Conn, int) {})
	listener, _ := net.Listen("tcp", "127.0.0.1:0")
	nobody := "http://" + listener.Addr().String()
	_ = listener.Close()
	drops := rawServer(t, func(c net.Conn, _ int) { _, _ = bufio.NewReader(c).ReadString('}'); _ = c.Close() })
	mail := rawServer(t, func(c net.Conn, _ int) { _, _ = io.WriteString(c, "220 mail.test ESMTP\r\n") })
	b := newBench(t)
	for _, row := range []struct{ url, options, expected string }{
		{nobody, "", "fail connection-refused"},
		{gone, "timeout_ms: 50", "info timeout"},
		{drops, "", "info connection-lost"},
		{mail, "", "fail junk-answer"},
		{nobody, `headers: { "x-a": "a\nb" }`, "fail not-sendable"},
	} {
		r := b.call(t, fmt.Sprintf(`a2a.agent({ url: %q }).send("x", { %s })`, row.url, row.options))
		if got := r.Outcome + " " + r.Reason; got != row.expected {
			t.Errorf("%s %s: %s (%s), expected %s", row.url, row.options, got, r.Message, row.expected)
		}
	}
}

func TestAKeptAliveConnectionThatIsClosedIsTriedOnceMoreForReadsOnly(t *testing.T) {
	url := rawServer(t, func(c net.Conn, _ int) {
		reader := bufio.NewReader(c)
		request, err := http.ReadRequest(reader)
		if err != nil {
			return
		}
		var body struct{ ID json.RawMessage }
		_ = json.NewDecoder(request.Body).Decode(&body)
		text := fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"result":{"id":"t","status":{"state":"TASK_STATE_WORKING"}}}`, body.ID)
		_, _ = fmt.Fprintf(c, "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s", len(text), text)
		_, _ = http.ReadRequest(reader)
		_ = c.Close()
	})
	b := newBench(t)
	got := b.run(t, fmt.Sprintf(`var agent = a2a.agent({ url: %q });
		[agent.get("t"), agent.get("t"), agent.cancel("t")].map((r) => r.outcome + " " + r.reason).join()`, url)).String()
	if got != "ok ,ok ,info connection-lost" {
		t.Error(got)
	}
}

func TestCertificatesAreVerifiedAsK6IsTold(t *testing.T) {
	server := httptest.NewTLSServer(handler(answerTask))
	t.Cleanup(server.Close)
	server.Config.ErrorLog = nil
	b := newBench(t)
	code := fmt.Sprintf(`a2a.agent({ url: %q }).get("t")`, server.URL)
	if r := b.call(t, code); r.Reason != "connection-refused" || !strings.Contains(r.Message, "does not verify") {
		t.Errorf("%+v", r)
	}
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	b.state.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
	if r := b.call(t, code); r.Outcome != "ok" {
		t.Errorf("%+v", r)
	}
}

func TestTheRateLimitOfK6Holds(t *testing.T) {
	server := serve(t, answerTask)
	b := newBench(t)
	b.state.RPSLimit = rate.NewLimiter(50, 1)
	began := time.Now()
	b.run(t, fmt.Sprintf(`var agent = a2a.agent({ url: %q }); for (let i = 0; i < 11; i++) agent.get("t")`, server.URL))
	if took := time.Since(began); took < 190*time.Millisecond {
		t.Errorf("eleven calls at 50/s took %v", took)
	}
}

func TestTheCardIsFetchedWhereAgentsHaveIt(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, one asked) {
		if one.path != cardPath {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = io.WriteString(w, `{"name":"echo"}`)
	})
	b := newBench(t)
	if name := b.run(t, fmt.Sprintf(`a2a.fetchCard(%q).name`, server.URL)).String(); name != "echo" {
		t.Error(name)
	}
	if refused := b.refuses(fmt.Sprintf(`a2a.fetchCard("%s/below")`, server.URL)); !strings.Contains(refused, "HTTP status 404") {
		t.Error(refused)
	}
}

func terminalOf(state string) string { return known{state: state}.terminalState() }
