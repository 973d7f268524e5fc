// Hands questions of the server to the browser's passkeys, and the answers back.
"use strict";

const bytes = (text) => {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
};

const text = (buffer) => {
  const plain = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
};

async function ask(form, address, body) {
  const answer = await fetch(address, {
    method: "POST",
    headers: { "content-type": "application/json", "x-qatysu-form": form.elements.form_word.value },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

async function make({ publicKey }) {
  publicKey.challenge = bytes(publicKey.challenge);
  publicKey.user.id = bytes(publicKey.user.id);
  for (const known of publicKey.excludeCredentials ?? []) known.id = bytes(known.id);
  const made = await navigator.credentials.create({ publicKey });
  const { attestationObject, clientDataJSON } = made.response;
  return {
    id: made.id,
    rawId: text(made.rawId),
    type: made.type,
    extensions: {},
    response: {
      attestationObject: text(attestationObject),
      clientDataJSON: text(clientDataJSON),
      transports: made.response.getTransports?.() ?? null,
    },
  };
}

async function show({ publicKey }) {
  publicKey.challenge = bytes(publicKey.challenge);
  for (const known of publicKey.allowCredentials ?? []) known.id = bytes(known.id);
  const shown = await navigator.credentials.get({ publicKey });
  const { authenticatorData, clientDataJSON, signature, userHandle } = shown.response;
  return {
    id: shown.id,
    rawId: text(shown.rawId),
    type: shown.type,
    extensions: {},
    response: {
      authenticatorData: text(authenticatorData),
      clientDataJSON: text(clientDataJSON),
      signature: text(signature),
      userHandle: userHandle ? text(userHandle) : null,
    },
  };
}

function showCodes(form, codes) {
  const place = document.getElementById("codes");
  for (const code of codes) {
    const line = document.createElement("li");
    line.textContent = code;
    place.querySelector("ol").append(line);
  }
  form.hidden = true;
  place.hidden = false;
  place.querySelector("h2").focus();
}

for (const form of document.querySelectorAll("form[data-begin]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const [button, failed] = [form.querySelector("button"), form.querySelector("[data-failed]")];
    button.disabled = true;
    failed.hidden = true;
    try {
      const question = await ask(form, form.dataset.begin, {});
      const said = form.dataset.how === "make" ? await make(question) : await show(question);
      const { to, codes } = await ask(form, form.dataset.finish, said);
      if (codes) showCodes(form, codes);
      else location.assign(to);
    } catch (error) {
      console.warn(error);
      failed.hidden = false;
      button.disabled = false;
    }
  });
}
