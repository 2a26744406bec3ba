/** The local chain's process: options, start, end. */
import { appendFileSync } from 'node:fs';
import { Chain } from './chain.mjs';
import { createHttpServer } from './http.mjs';
import { lockState } from './lock.mjs';
import { BadOption, parseOptions, USAGE } from './options.mjs';
import { OriginRule } from './origin.mjs';
import { PubSub } from './pubsub.mjs';
import { Dispatcher } from './rpc/dispatch.mjs';

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/;

async function main() {
  const options = parseOptions(process.argv.slice(2));
  const log = logTo(options.log);
  const unlock = lockState(options.state);
  const fail = (error) => {
    log(`the state cannot be written, so nothing more may be answered: ${error.stack}`);
    process.exit(1);
  };
  const chain = new Chain({ ...options, onFailure: fail });
  if (chain.bytesCutOff > 0) {
    log(`journal: ${chain.bytesCutOff} bytes of an unfinished record cut off`);
  }
  const origins = new OriginRule(options.corsOrigins);
  const dispatcher = new Dispatcher(chain, { maxBatch: options.maxBatch, log });
  const isLoopback = LOOPBACK.test(options.host);
  const server = createHttpServer({ chain, dispatcher, origins, isLoopback, log, maxBodyBytes: options.maxBodyBytes });
  const pubsub = new PubSub(chain, { ...options, origins, log });

  await chain.durable();
  const wsPort = await pubsub.listen(options.host, options.wsPort);
  const rpcPort = await listen(server, options.host, options.rpcPort);
  const { host } = options;
  let isEnding = false;
  const end = async () => {
    if (isEnding) {
      return;
    }
    isEnding = true;
    server.close();
    server.closeIdleConnections();
    await pubsub.close();
    // Answers that wait for the disk go out first; then nothing can reach the chain any more.
    await chain.durable();
    await new Promise((resolve) => setImmediate(resolve));
    server.closeAllConnections();
    await chain.close();
    unlock();
    process.exit(0);
  };
  process.on('SIGTERM', () => end().catch(fail));
  process.on('SIGINT', () => end().catch(fail));
  console.log(`local chain ready: http://${host}:${rpcPort} ws://${host}:${wsPort} slot ${chain.slots.slot}`);
}

function listen(server, host, port) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve(server.address().port));
  });
}

/** @param {string | undefined} file */
function logTo(file) {
  return (text) => {
    const line = `${new Date().toISOString()} ${text}\n`;
    if (file === undefined) {
      process.stderr.write(line);
    } else {
      appendFileSync(file, line);
    }
  };
}

main().catch((error) => {
  console.error(error instanceof BadOption ? `${error.message}\n${USAGE}` : (error.stack ?? error));
  process.exit(error instanceof BadOption ? 2 : 1);
});
