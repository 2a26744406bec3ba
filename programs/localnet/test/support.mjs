/** Starts real servers on free ports and ends them; nothing here knows the server's insides. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const SERVER = fileURLToPath(new URL('../server.mjs', import.meta.url));

const folders = [];
const children = new Set();
process.on('exit', () => {
  children.forEach((child) => child.kill('SIGKILL'));
  folders.forEach((folder) => rmSync(folder, { recursive: true, force: true }));
});
// The test runner ends a file that takes too long this way: its servers end with it.
process.once('SIGTERM', () => process.exit(1));

export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'localnet-test-'));
  folders.push(folder);
  return folder;
}

/**
 * @param {object} [options]
 * @param {string} [options.state]
 * @param {string[]} [options.args]
 */
export async function startServer({ state = temporaryFolder(), args = [] } = {}) {
  const child = spawn(process.execPath, [SERVER, '--state', state, '--rpc-port', '0', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (text) => {
    errors += text;
  });
  const exited = once(child, 'exit').finally(() => children.delete(child));
  children.add(child);
  const ready = once(createInterface(child.stdout), 'line').then(([line]) => line);
  const line = await Promise.race([
    ready,
    exited.then(([code]) => {
      throw new Error(`the server ended with ${code}: ${errors}`);
    }),
  ]);
  const [, rpcUrl, wsUrl] = /ready: (http:\S+) (ws:\S+)/.exec(line);
  const end = async (signal) => {
    child.kill(signal);
    const [code, by] = await exited;
    return code ?? by;
  };
  return {
    rpcUrl,
    wsUrl,
    state,
    errors: () => errors,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}

/** One JSON-RPC call, the bare answer. */
export async function call(rpcUrl, method, params = []) {
  return post(rpcUrl, JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
}

export async function post(rpcUrl, body, headers = { 'content-type': 'application/json' }) {
  const response = await fetch(rpcUrl, { method: 'POST', headers, body });
  const text = await response.text();
  return { status: response.status, ...(text === '' ? {} : JSON.parse(text)), text };
}
