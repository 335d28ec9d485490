/** What an answer is made of on its way through, in the order in which it came. A tunnel knows only bytes and their end. */
import type { Framing } from './body.ts';

export type Head = {
  readonly kind: 'head';
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly string[];
  /** How the client is told where the body ends. */
  readonly framing: Framing;
  /** Its body is a text/event-stream. */
  readonly isStream: boolean;
};

export type Piece =
  | Head
  | { readonly kind: 'bytes'; readonly chunk: Buffer }
  | {
      readonly kind: 'end';
      /** Lines, each as `name: value`. */
      readonly trailers: readonly string[];
      /** The client sees it come, and does not know from a length that it is there. */
      readonly isSeen: boolean;
    }
  /** The upstream's connection ended too early: by an error, or in good order. */
  | { readonly kind: 'lost'; readonly reset: boolean };
