// Reads QR Codes with zxing-cpp: frames come on standard input (width, height, grey pixels), for each
// goes a line of JSON to standard output, the texts and how long it took. The folder of npm's modules is
// the argument.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const root = `${process.argv[2]}/zxing-wasm/dist`;
const { prepareZXingModule, readBarcodes } = await import(
  pathToFileURL(`${root}/es/reader/index.js`)
);
const wasmBinary = readFileSync(`${root}/reader/zxing_reader.wasm`);
await prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true });

const options = { formats: ["QRCode"], tryHarder: true, maxNumberOfSymbols: 8 };
let waiting = Buffer.alloc(0);
for await (const part of process.stdin) {
  waiting = Buffer.concat([waiting, part]);
  while (waiting.length >= 8) {
    const [width, height] = [waiting.readUInt32LE(0), waiting.readUInt32LE(4)];
    if (waiting.length < 8 + width * height) break;
    const grey = waiting.subarray(8, 8 + width * height);
    waiting = waiting.subarray(8 + width * height);
    const data = new Uint8ClampedArray(4 * grey.length);
    for (let at = 0; at < grey.length; at += 1) data.fill(grey[at], 4 * at, 4 * at + 3);
    for (let at = 3; at < data.length; at += 4) data[at] = 255;
    const start = performance.now();
    const found = await readBarcodes({ data, width, height }, options);
    const texts = found.filter((one) => one.isValid).map((one) => one.text);
    process.stdout.write(`${JSON.stringify({ texts, ms: performance.now() - start })}\n`);
  }
}
