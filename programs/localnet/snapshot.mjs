/** Snapshots: all accounts that transactions have written, in one file that is either whole or not there. */
import {
  closeSync, fsyncSync, openSync, readdirSync, readFileSync, renameSync, unlinkSync, writeFileSync,
} from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { DamagedJournal, frame, readFrames, syncDirectory } from './journal.mjs';
import { decodeRecord, encodeEnd, Kind } from './records.mjs';

const NAME = /^snapshot-(\d{8})\.bin$/;

function path(directory, number) {
  return join(directory, `snapshot-${String(number).padStart(8, '0')}.bin`);
}

function numbersIn(directory) {
  return readdirSync(directory)
    .map((name) => Number(NAME.exec(name)?.[1]))
    .filter((number) => number > 0)
    .sort((a, b) => a - b);
}

/**
 * @param {string} directory
 * @param {number} number the journal segment that goes on from here
 * @param {Buffer[]} payloads records, the header first
 */
export async function writeSnapshot(directory, number, payloads) {
  const draft = `${path(directory, number)}.tmp`;
  const file = await open(draft, 'w', 0o600);
  try {
    for (const payload of [...payloads, encodeEnd()]) {
      await file.writeFile(Buffer.concat([frame(payload), payload]));
    }
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path(directory, number));
  syncDirectory(directory);
  for (const older of numbersIn(directory).filter((other) => other < number)) {
    unlinkSync(path(directory, older));
  }
}

/**
 * @param {string} directory
 * @param {(record: ReturnType<typeof decodeRecord>) => void} onRecord
 * @returns {number} the newest snapshot's number, 0 when there is none
 */
export function readNewestSnapshot(directory, onRecord) {
  const number = numbersIn(directory).at(-1) ?? 0;
  if (number > 0) {
    let isWhole = false;
    readFrames(readFileSync(path(directory, number)), (payload) => {
      const record = decodeRecord(payload);
      isWhole = record.kind === Kind.end;
      onRecord(record);
    });
    if (!isWhole) {
      throw new DamagedJournal(`${path(directory, number)} is damaged; restore it from a copy`);
    }
  }
  return number;
}

/** A small file that is either the old one or the new one. */
export function writeFileAtomically(file, text) {
  const draft = `${file}.tmp`;
  writeFileSync(draft, text, { mode: 0o600 });
  const handle = openSync(draft, 'r+');
  fsyncSync(handle);
  closeSync(handle);
  renameSync(draft, file);
  syncDirectory(join(file, '..'));
}
