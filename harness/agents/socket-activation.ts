/**
 * Hands a listening socket to a command as systemd does (sd_listen_fds(3)): as descriptor 3, with LISTEN_FDS=1 and with
 * LISTEN_PID naming the process that it is for. That process must be the shell itself, since only its pid is known beforehand.
 */

/** Descriptors 0 to 2 are the standard ones. */
export const FIRST_SOCKET_FD = 3;

const QUOTED = /'[^']*'|"(?:\\.|[^"\\])*"|\\./gs;
/** What makes a shell do more than run one program: lists, pipes, groups, subshells. */
const OPERATORS = /[;&|(){}`\n]/;
/** These the shell must carry out itself, or they do what `exec` does already. */
const NO_PROGRAM = /^(exec|eval|cd|export|set|source|command|\.|!)(\s|$)/;
const ASSIGNMENT = /^\w+=/;

/** A simple command takes the shell's place, and with it its pid. Any other has to say `exec` where it matters. */
const inPlaceOfTheShell = (command: string): string => {
  const plain = command.trim();
  if (OPERATORS.test(plain.replace(QUOTED, '')) || NO_PROGRAM.test(plain)) return command;
  return ASSIGNMENT.test(plain) ? `exec env ${plain}` : `exec ${plain}`;
};

export const withListenPid = (command: string): string =>
  `LISTEN_PID=$$; export LISTEN_PID\n${inPlaceOfTheShell(command)}`;
