/** What a strategy does when a session has gone: once, and also when the session never stood. */
import type { Stand } from '../../model/session.ts';

/** `gone` is called after everything of the stand has been returned, also when that failed. */
export async function andThen(standing: Promise<Stand>, gone: () => Promise<void>): Promise<Stand> {
  const stand = await standing.catch(async (error: unknown) => {
    await gone();
    throw error;
  });
  let ended: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    try {
      await stand[Symbol.asyncDispose]();
    } finally {
      await gone();
    }
  };
  return {
    get agents() {
      return stand.agents;
    },
    ports: stand.ports,
    restart: stand.restart,
    [Symbol.asyncDispose]: () => {
      ended ??= end();
      return ended;
    },
  };
}
