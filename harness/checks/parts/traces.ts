/** What programs print of their own inside when something was thrown, in the languages that agents are written in. */

const TRACES: readonly RegExp[] = [
  // JavaScript, with or without the name of the function; HTML has it with `&nbsp;` and `<br>`.
  /\bat (?:[\w.$<>[\] ]+ \()?(?:file:\/\/|node:|\/|[A-Z]:\\)[^\s()]+:\d+:\d+\)?/,
  /Traceback \(most recent call last\)/,
  /File "[^"\n]+\.py\\?", line \d+/,
  // Java and Kotlin
  /\bat [\w.$]+\([\w$]+\.(?:java|kt):\d+\)/,
  // Go
  /\bgoroutine \d+ \[[a-z ]+\]:/,
  // .NET
  /\bat [\w.<>`]+\([^)\n]*\) in [^\n]+\.cs:line \d+/,
  // Rust
  /\bpanicked at [^\n]+\.rs:\d+:\d+/,
  // Ruby
  /[\w/.-]+\.rb:\d+:in [`']/,
  // PHP
  /#\d+ [^\s(]+\.php\(\d+\)/,
];

/** The first line of a stack trace in this text, where there is one. */
export function traceIn(text: string): string | undefined {
  return TRACES.map((trace) => trace.exec(text)?.[0]).find((found) => found !== undefined);
}
