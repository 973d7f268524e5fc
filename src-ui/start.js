// Loads the app. A file of its own, because the policy allows no inline script.
import init from "./qatysu_ui.js";

await init({ module_or_path: new URL("./qatysu_ui_bg.wasm", import.meta.url) });
