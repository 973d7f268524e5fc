// What a chosen file is for, put into the field that is sent, so that a person sees what goes: its text, or the
// SHA-256 of its bytes. The file itself is not sent.
"use strict";

const readText = (bytes) => new TextDecoder("utf-8", { fatal: true }).decode(bytes);
const readHash = async (bytes) => {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
};

for (const file of document.querySelectorAll("input[type=file][data-text-into], input[type=file][data-hash-into]")) {
  const { textInto, hashInto, unread } = file.dataset;
  const into = document.getElementById(textInto ?? hashInto);
  const alert = document.getElementById(unread);
  file.addEventListener("change", async () => {
    const [chosen] = file.files;
    if (!chosen) return;
    try {
      const bytes = await chosen.arrayBuffer();
      into.value = textInto ? readText(bytes) : await readHash(bytes);
      alert.hidden = true;
    } catch (error) {
      console.warn(error);
      into.value = "";
      alert.hidden = false;
    }
  });
}
