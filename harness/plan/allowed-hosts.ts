/**
 * Who may be loaded: this machine always, everybody else by name only. What is compared is the host name as a URL has it, which
 * leaves no other way of writing an address (`127.1`, `2130706433`), so an agent cannot slip past by how it spells one.
 */

/** `hostname` as `URL` gives it; names in `allowed` as people write them. */
export function isAllowedHost(hostname: string, allowed: readonly string[]): boolean {
  const asked = canonical(hostname);
  if (asked === undefined) return false;
  return isLoopback(asked) || allowed.some((name) => canonical(name) === asked);
}

/** No name but `localhost` and what is below it is known to be this machine without asking anybody (RFC 6761, §6.3). */
export function isLoopback(hostname: string): boolean {
  return /^(([a-z0-9-]+\.)*localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

/** What is wrong with a name that is to be allowed; nothing for one that can be. */
export function hostProblem(name: string): string | undefined {
  if (/[/@]/.test(name)) return `"${name}" is an address; give the host's name alone, such as agent.example.com`;
  if (name.includes('*'))
    return `"${name}" stands for many hosts; each is to be named, so that none is loaded by mistake`;
  if (/^[^[\]:]*:\d+$/.test(name))
    return `"${name}" has a port; all ports of a host are allowed together, so give its name alone`;
  if (canonical(name) === undefined) return `"${name}" is no name of a host; give one such as agent.example.com`;
  return undefined;
}

function canonical(name: string): string | undefined {
  const bracketed = name.includes(':') && !name.startsWith('[') ? `[${name}]` : name;
  const hostname = URL.parse(`http://${bracketed}/`)?.hostname.replace(/\.$/, '');
  return hostname === undefined || hostname === '' ? undefined : hostname;
}
