// Hands pictures to the decoder: in a worker, so that the page never waits; where a worker cannot be
// had, in the page. The decoder's WASM is loaded by the first of these that is made.

/** How long a worker may take to say that it is ready. */
const START_MS = 15_000;
/** The longer side of the frames that a canvas takes; a VideoFrame comes as it is. */
const FRAME_PX = 1_280;
/** A picture file is read small first: that is fast and forgiving. */
const PICTURE_PX = [900, 1_800, 3_600];
/** A camera that gives no frame for so long is asked whether it still lives. */
const FRAME_WAIT_MS = 500;

export class Decoder {
  #worker = null;
  #local = null;
  #canvas = null;
  #asked = new Map();
  #number = 0;
  #closed = false;
  #ready;

  constructor() {
    this.#ready = this.#start();
  }

  /** Where it runs: "worker" or "page". */
  async place() {
    await this.#ready;
    return this.#worker ? "worker" : "page";
  }

  /** Waits for the video's next frame and reads it: {texts, seen, read}, or null if there is none. */
  async frame(video) {
    await this.#ready;
    const seen = await nextFrame(video);
    if (seen === null || video.readyState < 2 || video.videoWidth === 0) return null;
    const texts = await this.#read("frame", await this.#take(video));
    return { texts, seen, read: performance.now() };
  }

  /** Reads a picture file: its texts. Rejects if the browser cannot open it. */
  async picture(file) {
    await this.#ready;
    const bitmap = await createImageBitmap(file);
    try {
      const longest = Math.max(bitmap.width, bitmap.height);
      let texts = [];
      for (let at = 0; at < PICTURE_PX.length && texts.length === 0; at += 1) {
        if (at === 0 || longest > PICTURE_PX[at - 1]) {
          texts = await this.#read("picture", this.#pixels(bitmap, PICTURE_PX[at]));
        }
      }
      return texts;
    } finally {
      bitmap.close();
    }
  }

  /** Ends the worker; what it was asked is never answered with a text. */
  close() {
    this.#closed = true;
    this.#worker?.terminate();
    this.#worker = null;
    for (const answer of this.#asked.values()) answer({ texts: [] });
    this.#asked.clear();
  }

  async #start() {
    try {
      this.#worker = await startWorker();
      if (this.#closed) return this.close();
      this.#worker.onmessage = ({ data }) => {
        this.#asked.get(data.number)?.(data);
        this.#asked.delete(data.number);
      };
    } catch (why) {
      console.warn("the decoder runs in the page:", why);
      const { default: init, Decoder: Local } = await import("./qatysu_decoder.js");
      await init({ module_or_path: new URL("./qatysu_decoder_bg.wasm", import.meta.url) });
      this.#local = new Local();
    }
  }

  async #read(kind, { source, width, height }) {
    if (this.#local) {
      const rgba = new Uint8Array(source);
      if (kind === "picture") return this.#local.picture(width, height, rgba);
      return this.#local.colour_frame(width, height, rgba);
    }
    if (!this.#worker) return [];
    const number = (this.#number += 1);
    const answer = new Promise((resolve) => this.#asked.set(number, resolve));
    this.#worker.postMessage({ number, kind, source, width, height }, [source]);
    return (await answer).texts;
  }

  /** The frame that the video shows, in the form that costs the page least. */
  async #take(video) {
    if (this.#worker?.takesFrames) {
      try {
        return { source: new VideoFrame(video) };
      } catch {
        this.#worker.takesFrames = false;
      }
    }
    if (this.#worker?.takesBitmaps) {
      return { source: await createImageBitmap(video) };
    }
    return this.#pixels(video, FRAME_PX);
  }

  #pixels(drawn, longest) {
    const wide = drawn.videoWidth ?? drawn.width;
    const high = drawn.videoHeight ?? drawn.height;
    const scale = Math.min(1, longest / Math.max(wide, high));
    const width = Math.max(1, Math.round(wide * scale));
    const height = Math.max(1, Math.round(high * scale));
    this.#canvas ??= document.createElement("canvas");
    resize(this.#canvas, width, height);
    const context = this.#canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(drawn, 0, 0, width, height);
    return { source: context.getImageData(0, 0, width, height).data.buffer, width, height };
  }
}

/** Notes how long something took since `start`, for whoever watches; keeps no list. */
export function measure(name, start) {
  performance.measure(name, { start });
  performance.clearMeasures(name);
}

/** A canvas that is given its size again is made anew: only where it changes. */
function resize(canvas, width, height) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}

/** Resolves with the moment of the video's next frame, or null if none comes. */
function nextFrame(video) {
  return new Promise((resolve) => {
    if (!("requestVideoFrameCallback" in video)) {
      setTimeout(() => resolve(performance.now()), 50);
      return;
    }
    const timer = setTimeout(() => {
      video.cancelVideoFrameCallback(call);
      resolve(null);
    }, FRAME_WAIT_MS);
    const call = video.requestVideoFrameCallback((now, facts) => {
      clearTimeout(timer);
      // When the camera took it, where the browser says so.
      resolve(Math.min(now, facts.captureTime ?? now));
    });
  });
}

function startWorker() {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./decoder-worker.js", import.meta.url), { type: "module" });
    const fail = (why) => {
      clearTimeout(timer);
      worker.terminate();
      reject(why);
    };
    const timer = setTimeout(() => fail("it did not start in time"), START_MS);
    worker.onerror = (event) => fail(event.message ?? "it did not start");
    worker.onmessage = ({ data }) => {
      if (data.failed) return fail(data.failed);
      clearTimeout(timer);
      worker.takesFrames = data.frames && "VideoFrame" in globalThis;
      worker.takesBitmaps = data.bitmaps;
      resolve(worker);
    };
  });
}
