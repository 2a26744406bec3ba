/** One process a state folder: a file with the owner's process id, free again when that process is gone. */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export class StateInUse extends Error {}

/** @param {string} directory @returns {() => void} gives the folder back */
export function lockState(directory) {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, 'lock');
  if (existsSync(file)) {
    const owner = Number(readFileSync(file, 'utf8'));
    if (isAlive(owner)) {
      throw new StateInUse(`${directory} is in use by process ${owner}`);
    }
    unlinkSync(file);
  }
  const handle = openSync(file, 'wx', 0o600);
  writeSync(handle, String(process.pid));
  closeSync(handle);
  return () => unlinkSync(file);
}

function isAlive(pid) {
  if (!Number.isSafeInteger(pid) || pid <= 0 || pid === process.pid) {
    return false;
  }
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
  // The id may belong to another program by now, after a restart of the machine for one.
  const commandLine = `/proc/${pid}/cmdline`;
  return !existsSync(commandLine) || readFileSync(commandLine, 'utf8').includes('server.mjs');
}
