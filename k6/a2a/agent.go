package a2a

import (
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/grafana/sobek"
	"go.k6.io/k6/v2/js/common"
	"go.k6.io/k6/v2/js/promises"
)

// An agent is where calls go to, and what all of them have in common.
type agent struct {
	of      *instance
	to      endpoint
	headers map[string]string
	cookies bool
}

type beginning func(arguments []sobek.Value) (*call, error)

// agent makes an object with each operation twice: `send` holds the VU until it has ended, as http.post does; `sendAsync` gives a
// promise, so that one VU can hold many streams.
func (i *instance) agent(functionCall sobek.FunctionCall) sobek.Value {
	rt := i.vu.Runtime()
	a, err := i.readAgent(functionCall.Argument(0))
	if err != nil {
		common.Throw(rt, err)
	}
	object := rt.NewObject()
	must(object.Set("transport", a.to.transport))
	must(object.Set("url", a.to.url))
	for name, begin := range map[string]beginning{
		"send":      a.sending(opSend),
		"stream":    a.sending(opStream),
		"subscribe": a.aboutTask(opSubscribe),
		"get":       a.aboutTask(opGet),
		"cancel":    a.aboutTask(opCancel),
		"list":      a.listing,
	} {
		must(object.Set(name, i.thrown(func(f sobek.FunctionCall) (any, error) {
			c, err := begin(f.Arguments)
			if err != nil {
				return nil, err
			}
			return c.run(), nil
		})))
		must(object.Set(name+"Async", i.thrown(func(f sobek.FunctionCall) (any, error) {
			c, err := begin(f.Arguments)
			if err != nil {
				return nil, err
			}
			promise, resolve, _ := promises.New(i.vu)
			go func() { resolve(c.run()) }()
			return promise, nil
		})))
	}
	return object
}

// Setting a member of a fresh object cannot fail.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

func (i *instance) readAgent(value sobek.Value) (*agent, error) {
	what := "description of the agent"
	if common.IsNullish(value) {
		return nil, fmt.Errorf("k6/x/a2a: the %s is missing; give agent({ url }) or agent({ url, card })", what)
	}
	r, err := readObject(i.vu.Runtime(), value, what, []string{"url", "card", "transport", "tenant", "headers", "cookies"})
	if err != nil {
		return nil, err
	}
	a := &agent{of: i, headers: r.texts("headers"), cookies: r.flag("cookies")}
	address := r.text("url", "")
	transport := ""
	if r.has("transport") {
		transport = r.oneOf("transport", "", []string{"jsonrpc", "rest"})
	}
	card, hasCard := r.get("card")
	switch fields, isObject := card.(map[string]any); {
	case hasCard && !isObject:
		r.fail("card must be an object, as fetchCard() gives it")
	case hasCard:
		if a.to, err = pickInterface(fields, address, transport); err != nil {
			r.fail("%v", err)
		}
	default:
		if transport == "" {
			transport = "jsonrpc"
		}
		a.to.transport = transport
		if a.to.url, err = resolved(address, ""); err != nil {
			r.fail("url: %v", err)
		}
	}
	a.to.tenant = r.text("tenant", a.to.tenant)
	return a, r.problems()
}

func argument(arguments []sobek.Value, n int) sobek.Value {
	if n < len(arguments) {
		return arguments[n]
	}
	return sobek.Undefined()
}

var messageMembers = []string{"text", "parts", "messageId", "contextId", "taskId", "metadata", "extensions", "referenceTaskIds"}

// sending takes a message, or its text alone, and options.
func (a *agent) sending(op operation) beginning {
	return func(arguments []sobek.Value) (*call, error) {
		rt := a.of.vu.Runtime()
		o, err := readOptions(rt, op, argument(arguments, 1))
		if err != nil {
			return nil, err
		}
		message, err := readMessage(rt, argument(arguments, 0))
		if err != nil {
			return nil, err
		}
		params := map[string]any{"message": message}
		configuration := map[string]any{}
		if o.saysImmediately {
			configuration["returnImmediately"] = o.returnImmediately
		}
		if o.saysHistory {
			configuration["historyLength"] = o.historyLength
		}
		if len(configuration) > 0 {
			params["configuration"] = configuration
		}
		return a.call(op, params, o)
	}
}

func readMessage(rt *sobek.Runtime, value sobek.Value) (map[string]any, error) {
	message := map[string]any{"role": "ROLE_USER"}
	text, isText := value.Export().(string)
	if !isText {
		r, err := readObject(rt, value, "message", messageMembers)
		if err != nil {
			return nil, err
		}
		for _, name := range []string{"messageId", "contextId", "taskId"} {
			if word := r.text(name, ""); word != "" {
				message[name] = word
			}
		}
		for _, name := range []string{"parts", "metadata", "extensions", "referenceTaskIds"} {
			if item, there := r.get(name); there {
				message[name] = item
			}
		}
		text, isText = r.text("text", ""), r.has("text")
		if isText == r.has("parts") {
			r.fail("it must have either text or parts")
		}
		if err := r.problems(); err != nil {
			return nil, err
		}
	}
	if isText {
		message["parts"] = []any{map[string]any{"text": text}}
	}
	if message["messageId"] == nil {
		message["messageId"] = uuid.NewString()
	}
	return message, nil
}

// aboutTask takes the id of a task, and options.
func (a *agent) aboutTask(op operation) beginning {
	return func(arguments []sobek.Value) (*call, error) {
		o, err := readOptions(a.of.vu.Runtime(), op, argument(arguments, 1))
		if err != nil {
			return nil, err
		}
		id, isText := argument(arguments, 0).Export().(string)
		if !isText || id == "" {
			return nil, fmt.Errorf("k6/x/a2a: %s needs the id of a task, and was given %s", op.name, argument(arguments, 0))
		}
		params := map[string]any{"id": id}
		if o.saysHistory {
			params["historyLength"] = o.historyLength
		}
		return a.call(op, params, o)
	}
}

var listMembers = []string{"contextId", "status", "pageSize", "pageToken", "historyLength", "statusTimestampAfter", "includeArtifacts"}

// listing takes what to list, and options.
func (a *agent) listing(arguments []sobek.Value) (*call, error) {
	rt := a.of.vu.Runtime()
	o, err := readOptions(rt, opList, argument(arguments, 1))
	if err != nil {
		return nil, err
	}
	params := map[string]any{}
	if wanted := argument(arguments, 0); !common.IsNullish(wanted) {
		r, err := readObject(rt, wanted, "question of ListTasks", listMembers)
		if err != nil {
			return nil, err
		}
		for _, name := range []string{"contextId", "status", "pageToken", "statusTimestampAfter"} {
			if word := r.text(name, ""); word != "" {
				params[name] = word
			}
		}
		for _, name := range []string{"pageSize", "historyLength"} {
			if r.has(name) {
				params[name] = r.count(name, 0)
			}
		}
		if r.has("includeArtifacts") {
			params["includeArtifacts"] = r.flag("includeArtifacts")
		}
		if err := r.problems(); err != nil {
			return nil, err
		}
	}
	return a.call(opList, params, o)
}

// call reads everything that belongs to the VU's goroutine; what it gives can run anywhere.
func (a *agent) call(op operation, params map[string]any, o *callOptions) (*call, error) {
	state := a.of.vu.State()
	if state == nil {
		return nil, errors.New("k6/x/a2a: agents cannot be called in the init context; call them in setup() or in the VU function")
	}
	var wire wireRequest
	var err error
	if a.to.transport == "rest" {
		wire, err = restRequest(a.to, op, params)
	} else {
		wire, err = rpcRequest(a.to, op, params, a.of.rpcID.Add(1))
	}
	if err != nil {
		return nil, fmt.Errorf("k6/x/a2a: %s cannot be put on the wire: %w", op.name, err)
	}
	request, err := wire.httpRequest(op, a.to.transport, userAgentOf(state), a.headers, o.headers)
	if err != nil {
		return nil, fmt.Errorf("k6/x/a2a: %s cannot be put on the wire: %w", op.name, err)
	}
	c := &call{op: op, options: o, request: request, rpcID: wire.rpcID, state: state, context: a.of.vu.Context()}
	if a.cookies && state.CookieJar != nil {
		c.jar = state.CookieJar
		for _, cookie := range c.jar.Cookies(request.URL) {
			request.AddCookie(cookie)
		}
	}
	c.samples = newSampler(&a.of.metrics, c, a.to.transport)
	return c, nil
}
