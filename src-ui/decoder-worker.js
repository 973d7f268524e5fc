// The worker in which frames are read: takes a frame, a bitmap or pixels, answers with texts.
import init, { Decoder } from "./qatysu_decoder.js";

/** Pixel formats whose first plane is grey. */
const GREY_FIRST = ["I420", "I420A", "I422", "I444", "NV12"];
/** The longer side of the frames that are drawn before they are read. */
const FRAME_PX = 1_280;

let decoder;
let canvas;
let plane = new Uint8Array(0);

async function read({ kind, source, width, height }) {
  if (source instanceof ArrayBuffer) {
    const rgba = new Uint8Array(source);
    if (kind === "picture") return decoder.picture(width, height, rgba);
    return decoder.colour_frame(width, height, rgba);
  }
  try {
    if (GREY_FIRST.includes(source.format)) return await readGrey(source);
    return readDrawn(source);
  } finally {
    source.close();
  }
}

/** The grey plane of a frame needs neither a canvas nor a conversion. */
async function readGrey(frame) {
  const size = frame.allocationSize();
  if (plane.byteLength < size) plane = new Uint8Array(size);
  const [grey] = await frame.copyTo(plane);
  const { width, height } = frame.visibleRect;
  const end = grey.offset + grey.stride * (height - 1) + width;
  return decoder.grey_frame(width, height, grey.stride, plane.subarray(grey.offset, end));
}

function readDrawn(picture) {
  const wide = picture.displayWidth ?? picture.width;
  const high = picture.displayHeight ?? picture.height;
  const scale = Math.min(1, FRAME_PX / Math.max(wide, high));
  const width = Math.max(1, Math.round(wide * scale));
  const height = Math.max(1, Math.round(high * scale));
  canvas ??= new OffscreenCanvas(width, height);
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(picture, 0, 0, width, height);
  return decoder.colour_frame(width, height, context.getImageData(0, 0, width, height).data);
}

try {
  await init({ module_or_path: new URL("./qatysu_decoder_bg.wasm", import.meta.url) });
  decoder = new Decoder();
  const bitmaps = "OffscreenCanvas" in self;
  self.onmessage = async ({ data }) => {
    let texts = [];
    try {
      texts = await read(data);
    } catch (why) {
      // The next frame may do; a picture without a text says so itself.
      console.warn("a picture could not be read:", why);
    }
    self.postMessage({ number: data.number, texts });
  };
  self.postMessage({ frames: bitmaps && "VideoFrame" in self, bitmaps });
} catch (why) {
  self.postMessage({ failed: String(why) });
}
