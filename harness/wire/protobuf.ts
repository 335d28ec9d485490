/** As much of the encoding of Protocol Buffers as a hand-made request takes: fields that have a length. */

const LENGTH_DELIMITED = 2;

export function bytesField(number: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([varint(number * 8 + LENGTH_DELIMITED), varint(bytes.length), bytes]);
}

export const textField = (number: number, text: string): Buffer => bytesField(number, Buffer.from(text));

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
  return Buffer.from(bytes);
}
