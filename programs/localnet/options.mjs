/** The command line. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { decodeBase58 } from './encoding.mjs';

export const USAGE = `usage: node server.mjs --state DIR [option...]
  --host ADDRESS          address to listen on (127.0.0.1)
  --rpc-port N            JSON-RPC over HTTP (8899)
  --ws-port N             PubSub over WebSocket (the RPC port + 1, as Solana's clients expect)
  --state DIR             folder of the chain's state, made when it is not there
  --log FILE              append log lines there instead of standard error
  --program ADDRESS=FILE  load a program at an address; may be repeated
  --upgrade-authority ADDRESS  who may upgrade (and initialise) the programs loaded so; without it nobody
  --simulated-clock       the chain's clock stands still and gridtokenx_setTime sets it
  --cors-origin ORIGIN    web page that may use the chain, or '*'; may be repeated (none)
  --history N             transactions to remember (500000)
  --snapshot-every N      journal records between snapshots (20000)
  --max-body BYTES        largest HTTP body (262144)
  --max-batch N           most requests in one JSON-RPC batch (100)
  --max-connections N     WebSocket connections (1000)
  --max-subscriptions N   subscriptions of one connection (1000)
  --max-buffered BYTES    unread by one WebSocket client, before it is cut off (4194304)`;

export class BadOption extends Error {}

const OPTIONS = {
  host: { type: 'string', default: '127.0.0.1' },
  'rpc-port': { type: 'string', default: '8899' },
  'ws-port': { type: 'string' },
  state: { type: 'string' },
  log: { type: 'string' },
  program: { type: 'string', multiple: true, default: [] },
  'upgrade-authority': { type: 'string' },
  'simulated-clock': { type: 'boolean', default: false },
  'cors-origin': { type: 'string', multiple: true, default: [] },
  history: { type: 'string', default: '500000' },
  'snapshot-every': { type: 'string', default: '20000' },
  'max-body': { type: 'string', default: '262144' },
  'max-batch': { type: 'string', default: '100' },
  'max-connections': { type: 'string', default: '1000' },
  'max-subscriptions': { type: 'string', default: '1000' },
  'max-buffered': { type: 'string', default: '4194304' },
};

/** @param {string[]} args */
export function parseOptions(args) {
  const values = parsed(args);
  if (values.state === undefined) {
    throw new BadOption('--state is needed');
  }
  const rpcPort = integer(values, 'rpc-port', 0, 65535);
  return {
    host: values.host,
    rpcPort,
    // Port 0 asks the system for any free port, for both.
    wsPort: values['ws-port'] === undefined ? (rpcPort === 0 ? 0 : rpcPort + 1) : integer(values, 'ws-port', 0, 65535),
    state: values.state,
    log: values.log,
    programs: values.program.map(program),
    upgradeAuthority: upgradeAuthority(values['upgrade-authority']),
    simulatedClock: values['simulated-clock'],
    corsOrigins: values['cors-origin'],
    history: integer(values, 'history', 1, 10_000_000),
    snapshotEvery: integer(values, 'snapshot-every', 10),
    maxBodyBytes: integer(values, 'max-body', 1024, 64 * 1024 * 1024),
    maxBatch: integer(values, 'max-batch', 1, 10_000),
    maxConnections: integer(values, 'max-connections', 1, 100_000),
    maxSubscriptions: integer(values, 'max-subscriptions', 1, 100_000),
    maxBufferedBytes: integer(values, 'max-buffered', 1024),
  };
}

function parsed(args) {
  try {
    return parseArgs({ args, options: OPTIONS }).values;
  } catch (error) {
    throw new BadOption(error.message);
  }
}

function integer(values, name, min, max = Number.MAX_SAFE_INTEGER) {
  const value = Number(values[name]);
  if (!/^\d+$/.test(values[name]) || value < min || value > max) {
    throw new BadOption(`--${name} must be an integer from ${min} to ${max}, not '${values[name]}'`);
  }
  return value;
}

function program(text) {
  const at = text.indexOf('=');
  const address = at < 0 ? null : addressIn(text.slice(0, at));
  if (address === null) {
    throw new BadOption(`--program wants ADDRESS=FILE, not '${text}'`);
  }
  return { address, elf: readFileSync(text.slice(at + 1)) };
}

function upgradeAuthority(text) {
  const address = text === undefined ? null : addressIn(text);
  if (text !== undefined && address === null) {
    throw new BadOption(`--upgrade-authority wants an address, not '${text}'`);
  }
  return address;
}

function addressIn(text) {
  const address = decodeBase58(text, 44);
  return address?.length === 32 ? address : null;
}
