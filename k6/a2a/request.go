package a2a

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

// An operation of the protocol, named as on the wire (§5.3).
type operation struct {
	name    string
	streams bool
	sends   bool
	// It changes nothing, so it is asked again when a kept-alive connection turns out to be closed.
	repeatable bool
}

var (
	opSend      = operation{name: "SendMessage", sends: true}
	opStream    = operation{name: "SendStreamingMessage", sends: true, streams: true}
	opSubscribe = operation{name: "SubscribeToTask", streams: true, repeatable: true}
	opGet       = operation{name: "GetTask", repeatable: true}
	opCancel    = operation{name: "CancelTask"}
	opList      = operation{name: "ListTasks", repeatable: true}
)

// A wireRequest is what goes over the wire, but for headers. rpcID is what the answer must bear, over JSON-RPC.
type wireRequest struct {
	method, url string
	body        []byte
	rpcID       []byte
}

// rpcRequest puts all operations into one envelope (§9.4).
func rpcRequest(to endpoint, op operation, params map[string]any, id int64) (wireRequest, error) {
	if to.tenant != "" {
		params["tenant"] = to.tenant
	}
	body, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": id, "method": op.name, "params": params})
	return wireRequest{method: http.MethodPost, url: to.url, body: body, rpcID: strconv.AppendInt(nil, id, 10)}, err
}

// restRequest gives each operation its own path (§11.3). Parameters of reads go into the query.
func restRequest(to endpoint, op operation, params map[string]any) (wireRequest, error) {
	base := to.url
	if to.tenant != "" {
		base += "/" + url.PathEscape(to.tenant)
	}
	id, _ := params["id"].(string)
	taskPath := base + "/tasks/" + url.PathEscape(id)
	switch op.name {
	case opSend.name, opStream.name:
		body, err := json.Marshal(params)
		path := map[bool]string{false: "/message:send", true: "/message:stream"}[op.streams]
		return wireRequest{method: http.MethodPost, url: base + path, body: body}, err
	case opSubscribe.name:
		return wireRequest{method: http.MethodPost, url: taskPath + ":subscribe"}, nil
	case opCancel.name:
		return wireRequest{method: http.MethodPost, url: taskPath + ":cancel"}, nil
	case opGet.name:
		return wireRequest{method: http.MethodGet, url: taskPath + queryOf(params)}, nil
	default:
		return wireRequest{method: http.MethodGet, url: base + "/tasks" + queryOf(params)}, nil
	}
}

func queryOf(params map[string]any) string {
	query := url.Values{}
	for name, value := range params {
		switch typed := value.(type) {
		case string:
			if name != "id" {
				query.Set(name, typed)
			}
		case bool:
			query.Set(name, strconv.FormatBool(typed))
		case int:
			query.Set(name, strconv.Itoa(typed))
		}
	}
	if len(query) == 0 {
		return ""
	}
	return "?" + query.Encode()
}

// httpRequest adds what the protocol wants; the caller's headers come last but cannot change what the body and the answer are.
func (w wireRequest) httpRequest(op operation, transport string, headers ...map[string]string) (*http.Request, error) {
	address, err := url.Parse(w.url)
	if err != nil {
		return nil, err
	}
	request := &http.Request{Method: w.method, URL: address, Host: address.Host, Header: make(http.Header, 8),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
	request.Header.Set("A2A-Version", "1.0")
	for _, table := range headers {
		for name, value := range table {
			if http.CanonicalHeaderKey(name) == "Host" {
				request.Host = value
				continue
			}
			request.Header.Set(name, value)
		}
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", acceptOf(op, transport))
	if w.body != nil {
		request.ContentLength = int64(len(w.body))
		request.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(w.body)), nil }
		request.Body, _ = request.GetBody()
	}
	if op.repeatable {
		// Tells the transport that a POST may be sent again on a fresh connection. A header without a value is not sent.
		request.Header["X-Idempotency-Key"] = []string{}
	}
	return request, nil
}

func acceptOf(op operation, transport string) string {
	switch {
	case op.streams:
		return "text/event-stream"
	case transport == "rest":
		return "application/a2a+json, application/json"
	}
	return "application/json"
}
