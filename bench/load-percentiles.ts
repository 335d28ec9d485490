/** Which percentiles are compared: apart from the child that works them out, for importing that file would run it. */
export const STALL_PERCENTILES = [50, 95, 99] as const;
