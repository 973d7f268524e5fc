// A key of this browser, and what it signs. The key is made here and cannot be taken out. The server makes
// the bytes of the next event; here they are read, shown, held against the form, and only then signed.
"use strict";

(() => {
  const DOMAINS = { event: "qatysu/event/1", enrol: "qatysu/enrol/1" };
  const utf8 = new TextEncoder();

  // Small pieces: bytes, base64, hexadecimal.
  const join = (...parts) => {
    const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
    return whole;
  };
  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const to64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  const from64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

  // CBOR, as much as our formats have (RFC 8949, deterministic).
  const head = (major, value) => {
    if (value < 24) return Uint8Array.of((major << 5) | value);
    const bytes = [];
    for (let rest = BigInt(value); rest > 0n; rest >>= 8n) bytes.unshift(Number(rest & 255n));
    const size = [1, 2, 4, 8].find((size) => size >= bytes.length);
    while (bytes.length < size) bytes.unshift(0);
    return Uint8Array.of((major << 5) | (24 + Math.log2(size)), ...bytes);
  };
  const cborBytes = (bytes) => join(head(2, bytes.length), bytes);
  const cborText = (text) => join(head(3, utf8.encode(text).length), utf8.encode(text));

  // Reads a map of numbers to numbers, byte strings and texts: an event. Anything else is refused.
  function readEvent(bytes) {
    let at = 0;
    const next = () => {
      if (at >= bytes.length) throw new Error("the bytes end too early");
      return bytes[at++];
    };
    const length = () => {
      const first = next();
      const major = first >> 5;
      let value = BigInt(first & 31);
      if (value > 27n) throw new Error("no such length");
      if (value > 23n) {
        const size = 1 << Number(value - 24n);
        value = 0n;
        for (let count = 0; count < size; count++) value = (value << 8n) | BigInt(next());
      }
      return [major, value];
    };
    const value = () => {
      const [major, size] = length();
      if (major === 0) return String(size);
      if (major !== 2 && major !== 3) throw new Error("no such value in an event");
      const end = at + Number(size);
      if (end > bytes.length) throw new Error("the bytes end too early");
      const found = bytes.slice(at, end);
      at = end;
      return major === 2 ? hex(found) : new TextDecoder("utf-8", { fatal: true }).decode(found);
    };
    const [major, count] = length();
    if (major !== 5) throw new Error("an event is a map");
    const event = new Map();
    for (let left = Number(count); left > 0; left--) {
      const [kind, key] = length();
      if (kind !== 0 || event.has(Number(key))) throw new Error("keys are numbers, each once");
      event.set(Number(key), value());
    }
    if (at !== bytes.length) throw new Error("something stands behind the event");
    return event;
  }

  // COSE_Sign1 (RFC 9052): {1: -19, 4: kid}, no other header.
  async function seal(kept, domain, payload) {
    const kid = (await sha256(kept.publicKey)).slice(0, 4);
    const header = join(Uint8Array.of(0xa2, 0x01, 0x32, 0x04), cborBytes(kid));
    const [aad, four] = [utf8.encode(domain), Uint8Array.of(0x84)];
    const parts = [cborBytes(header), cborBytes(aad), cborBytes(payload)];
    const toSign = join(four, cborText("Signature1"), ...parts);
    const signature = new Uint8Array(await crypto.subtle.sign("Ed25519", kept.key, toSign));
    const [tag, none] = [Uint8Array.of(0xd2, 0x84), Uint8Array.of(0xa0)];
    return join(tag, cborBytes(header), none, cborBytes(payload), cborBytes(signature));
  }

  // What this browser keeps: by account, since several people may use one computer.
  const opened = () =>
    new Promise((resolve, reject) => {
      const asked = indexedDB.open("qatysu", 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore("keys", { keyPath: "account" });
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
  const within = async (mode, what) => {
    const database = await opened();
    try {
      return await new Promise((resolve, reject) => {
        const transaction = database.transaction("keys", mode, { durability: "strict" });
        const asked = what(transaction.objectStore("keys"));
        transaction.oncomplete = () => resolve(asked.result);
        transaction.onabort = transaction.onerror = () => reject(transaction.error);
      });
    } finally {
      database.close();
    }
  };
  const kept = (account) => within("readonly", (keys) => keys.get(account));
  const keep = (record) => within("readwrite", (keys) => keys.put(record));

  class Refused extends Error {
    constructor(answer) {
      super(answer.why);
      this.again = answer.again;
    }
  }

  async function ask(form, address, body) {
    const answer = await fetch(address, {
      method: "POST",
      headers: { "content-type": "application/json", "x-qatysu-form": form.elements.form_word.value },
      body: JSON.stringify(body),
    });
    const told = answer.headers.get("content-type")?.startsWith("application/json");
    if (told && (answer.status === 403 || answer.status === 409)) throw new Refused(await answer.json());
    if (!answer.ok) throw new Error(`the server answers ${answer.status}`);
    return answer.json();
  }

  const say = (form, name, text) => {
    for (const one of form.querySelectorAll("[data-say]")) one.hidden = one.dataset.say !== name;
    const place = form.querySelector(`[data-say="${name}"] [data-why]`);
    if (place && text) place.textContent = text;
  };

  // A new key.
  async function make(form) {
    const account = form.dataset.account;
    let pair;
    try {
      pair = await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
    } catch (error) {
      console.warn(error);
      return say(form, "unable");
    }
    const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
    const id = await sha256(publicKey);
    const genesis = await sha256(join(utf8.encode("qatysu/chain/1"), publicKey));
    const record = {
      account, key: pair.privateKey, publicKey, device: hex(id.slice(0, 8)),
      next: 0, previous: hex(genesis), pending: null, signed: [],
    };
    const { secret } = await ask(form, form.dataset.ask, {});
    const claims = join(
      Uint8Array.of(0xa2, 0x00), cborBytes(from64(secret)), Uint8Array.of(0x01), cborBytes(publicKey),
    );
    // Kept first: a certificate for a key that is nowhere would be in nobody's hands.
    await keep(record);
    const sealed = await seal(record, DOMAINS.enrol, claims);
    const { to } = await ask(form, form.dataset.keep, { claims: to64(sealed) });
    location.assign(to);
  }

  // Sends what was signed, and only then counts it as the chain's end. Sent twice it is taken once.
  async function send(form, record) {
    const { bytes, sequence } = record.pending;
    try {
      const { to } = await ask(form, form.dataset.put, { event: to64(bytes) });
      const hash = hex(await sha256(bytes));
      record.signed.push({ hash, sequence, bytes });
      Object.assign(record, { next: sequence + 1, previous: hash, pending: null });
      await keep(record);
      return to;
    } catch (error) {
      if (error instanceof Refused) {
        record.pending = null;
        await keep(record);
      }
      throw error;
    }
  }

  // What the form says must be in the bytes, by the key that it has there.
  const expected = (form) => Array.from(form.querySelectorAll("[data-key]"), (one) => one.dataset);
  const TECHNICAL = [0, 1, 2, 3, 5, 6, 7];

  // Asks for the bytes of the next event, and reads them. Nothing in them may be other than the form says.
  async function prepare(form, record, boot) {
    const fields = Object.fromEntries(new FormData(form));
    delete fields.form_word;
    const asked = { fields, device: record.device, mono_ms: Math.floor(performance.now()), boot };
    const { payload } = await ask(form, form.dataset.bytes, asked);
    const bytes = from64(payload);
    const event = readEvent(bytes);
    const said = expected(form);
    const keys = [...TECHNICAL, ...said.map((one) => Number(one.key))].sort((a, b) => a - b);
    const found = [...event.keys()].sort((a, b) => a - b);
    if (keys.join() !== found.join()) throw new Error(`the bytes have the fields ${found}`);
    for (const { key, value } of said) {
      if (event.get(Number(key)) !== value) throw new Error(`field ${key} is ${event.get(Number(key))}`);
    }
    if (event.get(0) !== "1" || event.get(1) !== record.device) throw new Error("another device");
    if (Number(event.get(2)) !== record.next || event.get(3) !== record.previous) {
      throw Object.assign(new Error("another place in the chain"), { say: "chain" });
    }
    return { bytes, event, at: performance.now() };
  }

  // Writes what was read in the bytes: in the page's words where it has one, and always as it stands there.
  function show(form, { event }) {
    const list = form.querySelector("[data-read]");
    list.textContent = "";
    const line = (label, text) => {
      const item = document.createElement("li");
      item.textContent = `${label}: ${text}`;
      list.append(item);
    };
    for (const { key, label, shown } of expected(form)) {
      const read = event.get(Number(key));
      line(label, shown === read ? read : `${shown} [${read}]`);
    }
    const local = new Date(Number(event.get(5)) + 5 * 3_600_000).toISOString();
    line(list.dataset.dated, `${local.slice(0, 10)} ${local.slice(11, 16)}`);
    line(list.dataset.place, event.get(2));
  }

  async function sign(form) {
    const boot = hex(crypto.getRandomValues(new Uint8Array(8)));
    const button = form.querySelector("button");
    const account = form.dataset.account;
    const own = async () => {
      const record = await kept(account);
      return record?.device === form.dataset.device ? record : null;
    };
    const failed = (error) => {
      console.warn(error);
      if (error instanceof Refused) say(form, "refused", error.message);
      else say(form, error.say ?? "failed");
    };
    // One window at a time: two events at one place of a chain would be two histories.
    const alone = (work) => navigator.locks.request(`qatysu-${account}`, work);
    let ready = null;
    const look = () =>
      alone(async () => {
        const record = await own();
        if (!record) return say(form, "nokey");
        if (record.pending) await send(form, record);
        ready = await prepare(form, record, boot);
        show(form, ready);
        button.disabled = false;
      });
    await look().catch(failed);

    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      button.disabled = true;
      for (let tries = 0; ready && tries < 3; tries++) {
        try {
          const to = await alone(async () => {
            const record = await own();
            // Signed before, and no answer came: the same bytes again, never others at their place.
            if (record.pending) return send(form, record);
            const moved = Number(ready.event.get(2)) !== record.next;
            const old = performance.now() - ready.at > 300_000;
            if (moved || old) ready = await prepare(form, record, boot);
            show(form, ready);
            record.pending = { bytes: await seal(record, DOMAINS.event, ready.bytes), sequence: record.next };
            await keep(record);
            return send(form, record);
          });
          return location.assign(to);
        } catch (error) {
          failed(error);
          if (!error.again) break;
          say(form, "again");
          ready = { event: new Map(), at: 0 };
        }
      }
      button.disabled = !ready;
    });
  }

  // The page of keys: which of them this browser has, and what it remembers to have signed with it.
  async function mark(place) {
    const record = await kept(place.dataset.account);
    for (const one of place.querySelectorAll("[data-device]")) {
      if (one.dataset.device !== record?.device) continue;
      for (const note of one.querySelectorAll("[data-here]")) note.hidden = false;
      const count = one.querySelector("[data-signed]");
      if (count) count.textContent = String(record.signed.length);
    }
  }

  for (const form of document.querySelectorAll("form[data-make]")) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const button = form.querySelector("button");
      button.disabled = true;
      try {
        await make(form);
      } catch (error) {
        console.warn(error);
        say(form, "failed");
      }
      button.disabled = false;
    });
  }
  for (const form of document.querySelectorAll("form[data-sign]")) void sign(form);
  for (const place of document.querySelectorAll("[data-keys]")) void mark(place).catch(console.warn);
})();
