/**
 * The little XML that a JUnit file needs. Attribute values and text pass through `visible`, so no character that XML 1.0
 * forbids and no terminal control survives, and `]]>` cannot occur because `>` is always escaped.
 */
import { visible, visibleBlock } from '../visible.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

export type Attributes = Readonly<Record<string, string | number>>;

function opening(name: string, attributes: Attributes): string {
  const pairs = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(visible(String(value)))}"`);
  return `<${name}${pairs.join('')}`;
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}

/** An element with elements in it, as lines. */
export function element(name: string, attributes: Attributes, children: readonly string[]): readonly string[] {
  if (children.length === 0) return [`${opening(name, attributes)}/>`];
  return [`${opening(name, attributes)}>`, ...indented(children), `</${name}>`];
}

/** An element with text in it. Its lines are not indented: the text is kept as it is. */
export function textElement(name: string, attributes: Attributes, text: string): string {
  return `${opening(name, attributes)}>${escaped(visibleBlock(text))}</${name}>`;
}
