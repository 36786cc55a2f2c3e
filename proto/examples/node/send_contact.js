// SPDX-License-Identifier: Apache-2.0
// Sends one contact to intake and prints its case and promises.
//
//   node send_contact.js ENDPOINTS INTAKE.pub OUR.key CUSTOMER TEXT [KEY]
//
// KEY names the record. Whoever repeats a call whose end he does not know gives the same one: the
// contact is stored once, whatever happened the first time.
'use strict';
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const protobuf = require('protobufjs');
const zmq = require('zeromq');

const PATIENCE_MS = 30000; // then we give up; the record may have been stored or not
const ANSWER_MS = 5000;    // a receipt normally takes milliseconds

const root = new protobuf.Root();
root.loadSync(path.join(__dirname, '../../intake.proto'), { keepCase: true });
const Request = root.lookupType('troth.v1.IntakeRequest');
const Reply = root.lookupType('troth.v1.IntakeReply');
const Status = root.lookupEnum('troth.v1.ReceiptStatus');

function uuid7() { // RFC 9562: 48 bits of milliseconds, version and variant, the rest random
  const raw = crypto.randomBytes(16);
  raw.writeUIntBE(Date.now(), 0, 6);
  raw[6] = 0x70 | (raw[6] & 0x0f);
  raw[8] = 0x80 | (raw[8] & 0x3f);
  return raw.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function readKey(file, name) {
  const line = fs.readFileSync(file, 'ascii').split('\n').find((one) => one.startsWith(name));
  return line.slice(line.indexOf('=') + 1).trim();
}

// One try: a receipt for this record, or null. A send that worked proves nothing. Each try has a new
// socket: who was refused once is not connected again by ZeroMQ.
async function attempt(endpoint, serverKeyFile, keyFile, record) {
  const socket = new zmq.Dealer({
    immediate: true, linger: 0, sendTimeout: ANSWER_MS, receiveTimeout: ANSWER_MS,
    curveServerKey: readKey(serverKeyFile, 'public-key'),
    curvePublicKey: readKey(keyFile, 'public-key'), curveSecretKey: readKey(keyFile, 'secret-key'),
  });
  try {
    socket.connect(endpoint);
    await socket.send(Request.encode(Request.fromObject({ records: { records: [record] } })).finish());
    for (;;) {
      const reply = Reply.decode((await socket.receive())[0]);
      if (reply.error && !Object.hasOwn(reply.error, 'retry_after_us')) {
        throw new Error(`refused: ${reply.error.code}: ${reply.error.text}`);
      }
      const found = reply.receipts && reply.receipts.receipts.find((one) => one.key === record.key);
      if (found) return found;
    }
  } catch (error) {
    if (error.code === 'EAGAIN') return null; // nobody there, or no answer
    throw error;
  } finally {
    socket.close();
  }
}

// Always under the same key, one endpoint after the other, until intake has said what became of it.
async function send(record, endpoints, serverKeyFile, keyFile) {
  const giveUp = Date.now() + PATIENCE_MS;
  for (let i = 0; Date.now() < giveUp; i++) {
    const receipt = await attempt(endpoints[i % endpoints.length], serverKeyFile, keyFile, record);
    if (receipt && receipt.status !== Status.values.RECEIPT_STATUS_RETRY) return receipt;
    if (receipt) await sleep(Math.min(Number(receipt.retry_after_us) / 1000, PATIENCE_MS));
  }
  throw new Error(`no receipt: try again later with the key ${record.key}`);
}

async function main([endpoints, serverKeyFile, keyFile, customer, text, key]) {
  if (text === undefined) {
    throw new Error('usage: send_contact.js ENDPOINTS INTAKE.pub OUR.key CUSTOMER TEXT [KEY]');
  }
  const contact = { customer_ref: customer, kind: 'CONTACT_KIND_COMPLAINT', channel: 'phone', body: text };
  const record = { key: key || uuid7(), occurred_us: Date.now() * 1000, contact };
  const receipt = await send(record, endpoints.split(' '), serverKeyFile, keyFile);
  if (receipt.status === Status.values.RECEIPT_STATUS_REJECTED) {
    throw new Error(`rejected: ${receipt.code} ${receipt.field}: ${receipt.text}`);
  }
  const status = Status.valuesById[receipt.status].replace('RECEIPT_STATUS_', '').toLowerCase();
  console.log(`${status} key=${receipt.key} case=${receipt.case_number}`);
  for (const promise of receipt.promises) {
    const due = new Date(Number(promise.due_us) / 1000).toISOString().replace(/\.\d+Z/, 'Z');
    console.log(`promise ${promise.kind} due ${due}`);
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
