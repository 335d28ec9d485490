package a2a

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
)

// The corpus that the client of the embedded engine is tested on, too (harness/wire/sse-corpus.test.ts).
type corpusText [][2]any

func (t corpusText) whole() string {
	var out strings.Builder
	for _, part := range t {
		out.WriteString(strings.Repeat(part[0].(string), int(part[1].(float64))))
	}
	return out.String()
}

type corpusEvent struct {
	Name string     `json:"name"`
	Data corpusText `json:"data"`
}

type corpusStream struct {
	Name        string        `json:"name"`
	Input       corpusText    `json:"input"`
	Events      []corpusEvent `json:"events"`
	EventsTimes int           `json:"events_times"`
	AtEnd       []corpusEvent `json:"at_end"`
	Comments    int           `json:"comments"`
}

type corpusAnswer struct {
	Transport   string `json:"transport"`
	Name        string `json:"name"`
	Status      int    `json:"status"`
	ContentType string `json:"content_type"`
	Body        string `json:"body"`
	Cut         bool   `json:"cut"`
	Outcome     string `json:"outcome"`
	Reason      string `json:"reason"`
	Events      int    `json:"events"`
	State       string `json:"state"`
}

type corpusFile struct {
	Streams []corpusStream `json:"streams"`
	Answers []corpusAnswer `json:"answers"`
}

func readCorpus(t *testing.T) corpusFile {
	t.Helper()
	text, err := os.ReadFile("../../fixtures/sse-corpus.json")
	if err != nil {
		t.Fatal(err)
	}
	var corpus corpusFile
	if err := json.Unmarshal(text, &corpus); err != nil {
		t.Fatal(err)
	}
	if len(corpus.Streams) == 0 || len(corpus.Answers) == 0 {
		t.Fatal("the corpus is empty")
	}
	return corpus
}

type readEvent struct{ name, data string }

func parsed(t *testing.T, chunks ...[]byte) ([]readEvent, int) {
	t.Helper()
	events := []readEvent{}
	emit := func(event sseEvent) error {
		events = append(events, readEvent{event.name, string(event.data)})
		return nil
	}
	parser := newSSEParser(eventBytesMax)
	for _, chunk := range chunks {
		// What was fed belongs to the caller again: a parser that keeps it would read the next piece twice.
		own := append([]byte{}, chunk...)
		if err := parser.feed(own, emit); err != nil {
			t.Fatal(err)
		}
		for i := range own {
			own[i] = '!'
		}
	}
	if err := parser.finish(emit); err != nil {
		t.Fatal(err)
	}
	return events, parser.comments
}

func TestEveryStreamOfTheCorpusIsReadAlikeHoweverItIsCut(t *testing.T) {
	for _, stream := range readCorpus(t).Streams {
		t.Run(stream.Name, func(t *testing.T) {
			expected := []readEvent{}
			for range max(1, stream.EventsTimes) {
				for _, event := range stream.Events {
					expected = append(expected, readEvent{event.Name, event.Data.whole()})
				}
			}
			for _, event := range stream.AtEnd {
				expected = append(expected, readEvent{event.Name, event.Data.whole()})
			}
			input := []byte(stream.Input.whole())
			check := func(how string, chunks ...[]byte) {
				events, comments := parsed(t, chunks...)
				if !reflect.DeepEqual(events, expected) {
					t.Fatalf("%s: read %d events, expected %d: %.300q", how, len(events), len(expected), events)
				}
				if comments != stream.Comments {
					t.Fatalf("%s: %d comments in place of %d", how, comments, stream.Comments)
				}
			}
			// At every byte, but for the large ones: there near the ends, and here and there between.
			stride := max(1, len(input)/100)
			for at := 0; at <= len(input); at++ {
				if len(input) < 2_000 || at < 30 || at > len(input)-30 || at%stride == 0 {
					check(fmt.Sprintf("cut at %d", at), input[:at], input[at:])
				}
			}
			bytes := make([][]byte, len(input))
			for i := range input {
				bytes[i] = input[i : i+1]
			}
			check("byte by byte", bytes...)
		})
	}
}

func TestAnEventThatIsTooLargeIsRefusedBeforeItIsKept(t *testing.T) {
	for _, input := range []string{"data: 0123456789012345", "data: 0123\ndata: 0123\ndata: 0123\ndata: 0123\n"} {
		parser := newSSEParser(16)
		var failed error
		for i := range len(input) {
			if failed = parser.feed([]byte(input[i:i+1]), func(sseEvent) error { return nil }); failed != nil {
				break
			}
		}
		if failed == nil || len(parser.line)+len(parser.data) > 40 {
			t.Errorf("%q: %v, with %d bytes kept", input, failed, len(parser.line)+len(parser.data))
		}
	}
}

func BenchmarkParse(b *testing.B) {
	event := []byte("data: " + strings.Repeat("x", 300) + "\n\n")
	parser := newSSEParser(eventBytesMax)
	b.SetBytes(int64(len(event)))
	for b.Loop() {
		_ = parser.feed(event, func(sseEvent) error { return nil })
	}
}
