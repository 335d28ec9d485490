package a2a

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/grafana/sobek"
	"go.k6.io/k6/v2/js/common"
)

const (
	// As the embedded engine has them, and its SDK client for one event.
	timeoutDefault     = 30 * time.Second
	stallDefault       = 5 * time.Second
	eventsMaxDefault   = 10_000
	answerBytesDefault = 16 << 20
	eventBytesMax      = 4 << 20
	streamBytesFactor  = 64
	countMax           = 1_000_000_000
	// The year 5138; beyond it somebody has given another unit.
	momentMax = 100_000_000_000_000
)

// callOptions of one call. Zero never means unlimited: what is left out has its default.
type callOptions struct {
	headers, tags  map[string]string
	user, keep     string
	timeout, stall time.Duration
	// Zero where nobody said.
	due               time.Time
	eventsMax         int
	answerBytesMax    int
	leaveAfter        int
	historyLength     int
	returnImmediately bool
	saysImmediately   bool
	saysHistory       bool
	aborter           *aborter
}

var (
	everyOption  = []string{"headers", "tags", "user", "keep", "timeout_ms", "answer_bytes_max", "due_ms", "aborter"}
	streamOption = []string{"stall_ms", "events_max", "leave_after"}
	keepWords    = []string{"all", "last", "none"}
)

func optionsOf(op operation) []string {
	allowed := slices.Clone(everyOption)
	if op.streams {
		allowed = append(allowed, streamOption...)
	}
	if op.sends {
		allowed = append(allowed, "returnImmediately")
	}
	if op.name == "GetTask" || op.sends {
		allowed = append(allowed, "historyLength")
	}
	return allowed
}

// readOptions tells all mistakes at once.
func readOptions(rt *sobek.Runtime, op operation, value sobek.Value) (*callOptions, error) {
	o := &callOptions{keep: "last", timeout: timeoutDefault, stall: stallDefault,
		eventsMax: eventsMaxDefault, answerBytesMax: answerBytesDefault}
	if common.IsNullish(value) {
		return o, nil
	}
	r, err := readObject(rt, value, "options of "+op.name, optionsOf(op))
	if err != nil {
		return nil, err
	}
	o.headers, o.tags, o.user = r.texts("headers"), r.texts("tags"), r.text("user", "")
	o.keep = r.oneOf("keep", o.keep, keepWords)
	o.timeout = r.milliseconds("timeout_ms", o.timeout)
	o.stall = r.milliseconds("stall_ms", o.stall)
	o.due = r.moment("due_ms")
	o.eventsMax = r.count("events_max", o.eventsMax)
	o.leaveAfter = r.count("leave_after", 0)
	o.answerBytesMax = r.count("answer_bytes_max", o.answerBytesMax)
	o.saysImmediately, o.saysHistory = r.has("returnImmediately"), r.has("historyLength")
	o.returnImmediately = r.flag("returnImmediately")
	o.historyLength = r.count("historyLength", 0)
	o.aborter = r.aborter("aborter")
	return o, r.problems()
}

// An objectReader takes a JavaScript object apart and remembers everything that is wrong with it.
type objectReader struct {
	what   string
	object *sobek.Object
	wrong  []string
}

func readObject(rt *sobek.Runtime, value sobek.Value, what string, allowed []string) (*objectReader, error) {
	object, isObject := value.(*sobek.Object)
	if !isObject {
		return nil, fmt.Errorf("k6/x/a2a: the %s must be an object, not %s", what, value.String())
	}
	r := &objectReader{what: what, object: value.ToObject(rt)}
	var unknown []string
	for _, key := range object.Keys() {
		if !slices.Contains(allowed, key) {
			unknown = append(unknown, key)
		}
	}
	if len(unknown) > 0 {
		r.fail("it has no %s, but %s", strings.Join(unknown, ", "), strings.Join(slices.Sorted(slices.Values(allowed)), ", "))
	}
	return r, nil
}

func (r *objectReader) fail(format string, args ...any) {
	r.wrong = append(r.wrong, fmt.Sprintf(format, args...))
}

func (r *objectReader) problems() error {
	if len(r.wrong) == 0 {
		return nil
	}
	return errors.New("k6/x/a2a: the " + r.what + " cannot be used: " + strings.Join(r.wrong, "; "))
}

func (r *objectReader) get(name string) (any, bool) {
	value := r.object.Get(name)
	if common.IsNullish(value) {
		return nil, false
	}
	return value.Export(), true
}

func (r *objectReader) has(name string) bool { _, there := r.get(name); return there }

func (r *objectReader) text(name, otherwise string) string {
	value, there := r.get(name)
	if !there {
		return otherwise
	}
	text, isText := value.(string)
	if !isText {
		r.fail("%s must be a string", name)
	}
	return text
}

func (r *objectReader) oneOf(name, otherwise string, words []string) string {
	text := r.text(name, otherwise)
	if !slices.Contains(words, text) {
		r.fail("%s must be one of %s", name, strings.Join(words, ", "))
	}
	return text
}

func (r *objectReader) flag(name string) bool {
	value, there := r.get(name)
	flag, isFlag := value.(bool)
	if there && !isFlag {
		r.fail("%s must be true or false", name)
	}
	return flag
}

func (r *objectReader) number(name string, otherwise float64) float64 {
	value, there := r.get(name)
	switch number := value.(type) {
	case int64:
		return float64(number)
	case float64:
		return number
	}
	if there {
		r.fail("%s must be a number", name)
	}
	return otherwise
}

func (r *objectReader) count(name string, otherwise int) int {
	number := r.number(name, float64(otherwise))
	isWhole := number == math.Trunc(number) && number <= countMax
	if r.has(name) && (!isWhole || number < 0 || (number < 1 && name != "historyLength")) {
		r.fail("%s is %v and must be a whole number from 1 to %d", name, number, countMax)
		return otherwise
	}
	return int(number)
}

func (r *objectReader) milliseconds(name string, otherwise time.Duration) time.Duration {
	number := r.number(name, float64(otherwise)/float64(time.Millisecond))
	if !(number > 0 && number <= countMax) {
		r.fail("%s is %v and must be more than 0 and at most %d", name, number, countMax)
		return otherwise
	}
	return time.Duration(number * float64(time.Millisecond))
}

// moment reads milliseconds since 1970, with fractions.
func (r *objectReader) moment(name string) time.Time {
	number := r.number(name, 0)
	if !r.has(name) {
		return time.Time{}
	}
	if !(number > 0 && number <= momentMax) {
		r.fail("%s is %v and must be milliseconds since 1970", name, number)
		return time.Time{}
	}
	return time.UnixMicro(int64(number * 1000))
}

func (r *objectReader) texts(name string) map[string]string {
	value, there := r.get(name)
	if !there {
		return nil
	}
	table, isTable := value.(map[string]any)
	if !isTable {
		r.fail("%s must be an object of strings", name)
	}
	texts := make(map[string]string, len(table))
	for key, item := range table {
		switch word := item.(type) {
		case string:
			texts[key] = word
		case int64, float64, bool:
			texts[key] = fmt.Sprint(word)
		default:
			r.fail("%s.%s must be a string", name, key)
		}
	}
	return texts
}

func (r *objectReader) aborter(name string) *aborter {
	value, there := r.get(name)
	found, isAborter := value.(*aborter)
	if there && !isAborter {
		r.fail("%s must be what aborter() gives", name)
	}
	return found
}
