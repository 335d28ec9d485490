/** This machine may be loaded however it is written; a stranger may not be however it is written. */
import { expect, test } from 'vitest';
import { hostProblem, isAllowedHost } from './allowed-hosts.ts';

const isAllowed = (url: string, ...names: readonly string[]): boolean => isAllowedHost(new URL(url).hostname, names);

test('this machine is allowed under every name that it surely has', () => {
  for (const host of [
    'localhost',
    'a.localhost',
    'LOCALHOST',
    '127.0.0.1',
    '127.1',
    '127.255.0.3',
    '2130706433',
    '[::1]',
    '[0:0::1]',
  ]) {
    expect([host, isAllowed(`http://${host}:5000/x`)]).toEqual([host, true]);
  }
});

test('nobody else is, whatever the name looks like', () => {
  const strangers = [
    'agent.example.com',
    'localhost.example.com',
    'notlocalhost',
    '127.0.0.1.example.com',
    '127.0.0.1@agent.example.com',
    '128.0.0.1',
    '10.0.0.1',
    '0.0.0.0',
    '[::ffff:127.0.0.1]',
    '[::2]',
    '[fe80::1]',
  ];
  for (const host of strangers) expect([host, isAllowed(`http://${host}/`)]).toEqual([host, false]);
});

test('a name that is given allows that host and no other', () => {
  expect(isAllowed('https://Agent.Example.com:8443/x', 'agent.example.COM')).toBe(true);
  expect(isAllowed('https://agent.example.com./', 'agent.example.com')).toBe(true);
  expect(isAllowed('https://agent.example.com/', 'agent.example.com.')).toBe(true);
  expect(isAllowed('https://other.example.com/', 'example.com', 'agent.example.com')).toBe(false);
  expect(isAllowed('http://[2001:db8::1]/', '2001:DB8:0::1')).toBe(true);
  expect(isAllowed('http://10.0.0.1/', '10.0.0.10')).toBe(false);
});

test('what is no name of one host is refused with what to give', () => {
  expect(hostProblem('agent.example.com')).toBeUndefined();
  expect(hostProblem('2001:db8::1')).toBeUndefined();
  expect(hostProblem('https://agent.example.com')).toMatch(/give the host's name alone/);
  expect(hostProblem('*.example.com')).toMatch(/each is to be named/);
  expect(hostProblem('agent:8080')).toMatch(/has a port/);
  expect(hostProblem('')).toMatch(/no name/);
  expect(hostProblem('a b')).toMatch(/no name/);
});
