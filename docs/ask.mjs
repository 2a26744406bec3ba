// Sends one signed request (PROTOCOL.md, HTTP) and prints the answer. Needs Node 20 or later, no packages:
//   node docs/ask.mjs KEY-FILE METHOD ADDRESS [BODY] [IDEMPOTENCY-KEY]
import { createHash, createPrivateKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";

const [file, method, address, body = "", idempotency] = process.argv.slice(2);
const pair = Buffer.from(JSON.parse(readFileSync(file))); // Solana's key file: 32 bytes of the seed, 32 of the key
const key = createPrivateKey({
  key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), pair.subarray(0, 32)]),
  format: "der",
  type: "pkcs8",
});
const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
let keyid = "";
for (let rest = BigInt(`0x${pair.subarray(32).toString("hex")}`); rest > 0n; rest /= 58n) {
  keyid = alphabet[rest % 58n] + keyid;
}
keyid = "1".repeat(pair.subarray(32).findIndex(Boolean)) + keyid; // a leading zero byte is a 1

const url = new URL(address);
const covered = [["@method", method], ["@path", url.pathname], ["@query", url.search || "?"]];
if (body) covered.push(["content-digest", `sha-256=:${createHash("sha256").update(body).digest("base64")}:`]);
if (idempotency) covered.push(["idempotency-key", idempotency]);
const names = covered.map(([name]) => `"${name}"`).join(" ");
const parameters = `(${names});created=${Math.floor(Date.now() / 1000)};keyid="${keyid}";alg="ed25519"`;
const base = [...covered, ["@signature-params", parameters]].map(([name, value]) => `"${name}": ${value}`).join("\n");
const answer = await fetch(url, {
  method,
  body: body || undefined,
  headers: {
    ...(body && { "content-type": "application/json" }),
    ...Object.fromEntries(covered.slice(3)),
    "signature-input": `sig=${parameters}`,
    signature: `sig=:${sign(null, Buffer.from(base), key).toString("base64")}:`,
  },
});
console.log(answer.status, await answer.text());
process.exitCode = answer.ok ? 0 : 1;
