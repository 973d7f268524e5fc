// Puts a chosen file's text into the field that is sent, so that a person sees what goes. The file itself is
// not sent.
"use strict";

for (const file of document.querySelectorAll("input[type=file][data-into]")) {
  const into = document.getElementById(file.dataset.into);
  const unread = document.querySelector("[data-unread]");
  file.addEventListener("change", async () => {
    const [chosen] = file.files;
    if (!chosen) return;
    try {
      const bytes = await chosen.arrayBuffer();
      into.value = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
      unread.hidden = true;
    } catch (error) {
      console.warn(error);
      into.value = "";
      unread.hidden = false;
    }
  });
}
