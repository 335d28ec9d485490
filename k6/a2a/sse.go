package a2a

import (
	"bytes"
	"fmt"
)

// An sseEvent is one event of a stream. Its data is only valid until the parser is fed again.
type sseEvent struct {
	name string
	data []byte
}

// An sseParser reads server-sent events (WHATWG HTML §9.2.6) from bytes in pieces of any size: lines end in LF, CRLF or CR,
// and nothing ever waits for the byte after a CR. What it is fed belongs to the caller again when feed returns.
type sseParser struct {
	eventBytesMax int
	line          []byte
	data          []byte
	name          string
	hasData       bool
	skipLF        bool
	// How much of a byte order mark has been seen at the beginning; -1 when there can be none any more.
	bom      int
	comments int
}

var byteOrderMark = []byte("\xef\xbb\xbf")

func newSSEParser(eventBytesMax int) *sseParser { return &sseParser{eventBytesMax: eventBytesMax} }

// feed calls emit for each event that ends in chunk. It stops at the first error.
func (p *sseParser) feed(chunk []byte, emit func(sseEvent) error) error {
	if p.bom >= 0 {
		chunk = p.skipByteOrderMark(chunk)
	}
	for len(chunk) > 0 {
		if p.skipLF {
			p.skipLF = false
			if chunk[0] == '\n' {
				chunk = chunk[1:]
				continue
			}
		}
		end := bytes.IndexAny(chunk, "\r\n")
		if end < 0 {
			return p.keep(chunk)
		}
		line := chunk[:end]
		if len(p.line) > 0 {
			if err := p.keep(line); err != nil {
				return err
			}
			line = p.line
		}
		p.skipLF = chunk[end] == '\r'
		chunk = chunk[end+1:]
		if err := p.endLine(line, emit); err != nil {
			return err
		}
		p.line = p.line[:0]
	}
	return nil
}

// finish dispatches an event whose blank line is missing, as the official client does: the standard would lose it, and with it
// the word that a task is over.
func (p *sseParser) finish(emit func(sseEvent) error) error {
	if p.bom > 0 {
		p.line = append(p.line, byteOrderMark[:p.bom]...)
	}
	if len(p.line) > 0 {
		if err := p.field(p.line); err != nil {
			return err
		}
	}
	return p.dispatch(emit)
}

func (p *sseParser) skipByteOrderMark(chunk []byte) []byte {
	for len(chunk) > 0 && chunk[0] == byteOrderMark[p.bom] {
		chunk = chunk[1:]
		p.bom++
		if p.bom == len(byteOrderMark) {
			p.bom = -1
			return chunk
		}
	}
	if len(chunk) > 0 {
		p.line = append(p.line, byteOrderMark[:p.bom]...)
		p.bom = -1
	}
	return chunk
}

func (p *sseParser) keep(part []byte) error {
	if len(p.line)+len(part) > p.eventBytesMax {
		return p.tooLarge()
	}
	p.line = append(p.line, part...)
	return nil
}

func (p *sseParser) endLine(line []byte, emit func(sseEvent) error) error {
	if len(line) == 0 {
		return p.dispatch(emit)
	}
	return p.field(line)
}

func (p *sseParser) field(line []byte) error {
	field, value, _ := bytes.Cut(line, []byte(":"))
	if len(value) > 0 && value[0] == ' ' {
		value = value[1:]
	}
	switch string(field) {
	case "": // Keeps a connection alive.
		p.comments++
	case "event":
		p.name = string(value)
	case "data":
		if len(p.data)+len(value)+1 > p.eventBytesMax {
			return p.tooLarge()
		}
		if p.hasData {
			p.data = append(p.data, '\n')
		}
		p.data = append(p.data, value...)
		p.hasData = true
	}
	return nil
}

func (p *sseParser) dispatch(emit func(sseEvent) error) error {
	event, hasData := sseEvent{name: p.name, data: p.data}, p.hasData
	p.name, p.data, p.hasData = "", p.data[:0], false
	if !hasData {
		return nil
	}
	return emit(event)
}

func (p *sseParser) tooLarge() error {
	return failure("answer-too-large", 0, fmt.Sprintf("An event of the stream is larger than %d bytes", p.eventBytesMax))
}
