package a2a

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
)

// errorsJSON is the table of harness/wire/errors.ts, so that k6 and the embedded engine call the same thing by the same name. A
// test there keeps the two alike.
//
//go:embed errors.json
var errorsJSON []byte

type errorRow struct {
	Code string `json:"code"`
	// True: it certainly did not happen (fail). False: nobody knows (info).
	Definite    bool   `json:"definite"`
	JSONRPCCode int    `json:"jsonrpc_code"`
	RESTReason  string `json:"rest_reason"`
}

var (
	rowOfCode     = map[string]errorRow{}
	nameOfRPCCode = map[int]string{}
	nameOfReason  = map[string]string{}
)

func init() {
	var rows []errorRow
	if err := json.Unmarshal(errorsJSON, &rows); err != nil {
		panic(fmt.Sprintf("errors.json cannot be read: %v", err))
	}
	for _, row := range rows {
		rowOfCode[row.Code] = row
		if row.JSONRPCCode != 0 {
			nameOfRPCCode[row.JSONRPCCode] = row.Code
		}
		if row.RESTReason != "" {
			nameOfReason[row.RESTReason] = row.Code
		}
	}
}

// A callError says why a call did not succeed: a code of the table, and what the transport or the protocol said with it.
type callError struct {
	code    string
	status  int
	message string
}

func (e *callError) Error() string { return e.code + ": " + e.message }

// failure panics for a code that the table does not have, which is a mistake of this package.
func failure(code string, status int, message string) *callError {
	if _, known := rowOfCode[familyOf(code)]; !known {
		panic("no row for the error code " + code + " in errors.json")
	}
	return &callError{code: code, status: status, message: quoted(message)}
}

func familyOf(code string) string {
	if strings.HasPrefix(code, "http-") {
		return "http-<status>"
	}
	return code
}

// outcome is `fail` or `info`.
func (e *callError) outcome() string {
	if rowOfCode[familyOf(e.code)].Definite {
		return "fail"
	}
	return "info"
}

// ofProtocol tells an error that the agent itself put into words of the protocol, or words that are none.
func (e *callError) ofProtocol() bool {
	return e.code == "junk-answer" || e.code == "OtherProtocolError" || rowOfCode[e.code].JSONRPCCode != 0
}

func httpFailure(status int, contentType string, body []byte) *callError {
	shown := "an empty body"
	if head := quoted(string(body)); head != "" {
		shown = strings.TrimSpace(quoted(contentType) + " that begins: " + head)
	}
	return failure(fmt.Sprintf("http-%d", status), status, fmt.Sprintf("HTTP status %d with %s", status, shown))
}

const quotedRunesMax = 120

// quoted makes one line of a stranger's text that is safe to print.
func quoted(text string) string {
	var out []rune
	inGap := false
	for _, r := range text {
		if len(out) == quotedRunesMax {
			break
		}
		if unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' {
			if !inGap {
				out = append(out, ' ')
			}
			inGap = true
			continue
		}
		inGap = false
		out = append(out, r)
	}
	return string(out)
}
