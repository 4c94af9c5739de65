// The one WebSocket, the requests, and the state of the robot. Views listen with `on`.

/** Where the API is: beside the page, which a proxy may show at host/robot/. */
export const BASE = new URL("api/v1", document.baseURI).pathname;
const listeners = new Map();

/** The last state, frame and pose, the path of this episode, whether the server answers; `facts` are its numbers and
 * choices: slices, goal, tolerance, lease_seconds, physics of the robot, presets, detectors (GET /options). */
export const model = {
  facts: null, state: null, frame: null, pose: null, path: [], last: null, sights: [], connected: false, heard: 0, delay: null,
};

/** Call `work` for each message of a type; also for: connection, frame, facts. */
export function on(type, work) {
  if (!listeners.has(type)) listeners.set(type, new Set());
  listeners.get(type).add(work);
  return () => listeners.get(type).delete(work);
}

/** Call `work` with the facts: now, if they are known, and whenever they come; a view may be opened after them. */
export function withFacts(work) {
  on("facts", work);
  if (model.facts) work(model.facts);
}

export function emit(type, message) {
  for (const work of listeners.get(type) ?? []) work(message);
}

// Requests

/** Ask the server; an answer that is a problem is thrown with the server's own sentence. */
export async function ask(method, path, body) {
  const raw = body instanceof Blob;
  let answer;
  try {
    answer = await fetch(BASE + path, {
      method,
      headers: body === undefined ? {} : { "Content-Type": raw ? "application/octet-stream" : "application/json" },
      body: body === undefined ? undefined : raw ? body : JSON.stringify(body),
    });
  } catch {
    throw new Error("The server does not answer. Check that robot-server is running and this device is in its network.");
  }
  const json = /json/.test(answer.headers.get("Content-Type") ?? "");
  const content = json ? await answer.json().catch(() => null) : null;
  if (!answer.ok) {
    if (answer.status === 401) emit("pairing", content);
    const detail = typeof content?.detail === "string" ? content.detail : "";
    const error = new Error(detail || content?.title || `The server answered ${answer.status}.`);
    error.status = answer.status;
    throw error;
  }
  return content;
}
export const get = (path) => ask("GET", path);
export const post = (path, body = {}) => ask("POST", path, body);

// The numbers of the robot and the task; other ones when another run is under way

let asked = "";
async function learnFacts(key) {
  if (key === asked) return;
  asked = key;
  try {
    model.facts = await get("/options");
    emit("facts", model.facts);
  } catch {
    asked = ""; // the next state tries again
  }
}

// The socket

let takePicture = picture;

/** Have another function than that of the dashboard take the pictures, as bytes. */
export function pictures(work) {
  takePicture = work;
}

let clock = null; // how far the server's is ahead of ours, from the pong that took the least time lately

/** The server's clock, in seconds; null while it is not known. */
export function serverClock() {
  return clock && clock.ahead + performance.now() / 1000;
}

let socket = null, wait = 500, decoding = false, newest = null, retry = 0;

export function connect() {
  clearTimeout(retry);
  if (socket && socket.readyState <= WebSocket.OPEN) return;
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const mine = new WebSocket(`${scheme}//${location.host}${BASE}/ws`, "robot-agent.1");
  socket = mine;
  mine.binaryType = "arraybuffer";
  mine.addEventListener("open", () => {
    wait = 500;
    clock = null;
    alive();
    change(true);
    send({ type: "ping", t: performance.now() });
    if (document.hidden) send({ type: "watch", frames: false });
  });
  mine.addEventListener("message", ({ data }) => {
    if (mine !== socket) return;
    alive();
    if (typeof data === "string") receive(JSON.parse(data));
    else takePicture(data);
  });
  mine.addEventListener("close", ({ code }) => {
    if (mine !== socket) return;
    drop();
    if (code === 1013) emit("notice", { level: "error", text: "Too many dashboards are open; close some." });
    if (code === 4401 || code === 1008) emit("pairing", null);
  });
}

/** Close the socket and connect again after a while. */
function drop() {
  const old = socket;
  socket = null;
  if (old && old.readyState <= WebSocket.OPEN) old.close();
  change(false);
  clearTimeout(retry);
  retry = setTimeout(connect, wait);
  wait = Math.min(wait * 1.6, 4000);
}

/** Send, if there is anybody to send to; says whether there is. */
export function send(message) {
  if (socket?.readyState !== WebSocket.OPEN) return false;
  socket.send(JSON.stringify(message));
  return true;
}

function alive() {
  model.heard = performance.now();
}

function change(connected) {
  if (model.connected === connected) return;
  model.connected = connected;
  emit("connection", connected);
}

function receive(message) {
  switch (message.type) {
    case "pong":
      model.delay = performance.now() - message.t;
      if (message.clock && !(clock?.delay < model.delay && performance.now() - clock.known < 30000))
        clock = { delay: model.delay, known: performance.now(), ahead: message.clock - performance.now() / 1000 };
      break;
    case "state":
      model.state = message;
      learnFacts([message.state, message.run, message.goal, message.detector].join());
      break;
    case "pose":
      pose(message);
      break;
    case "episode":
      model.last = message;
      if (message.sights?.length) model.sights = message.sights;
      model.path = [];
      break;
  }
  emit(message.type, message);
}

function pose(message) {
  const { x, y, heading } = message;
  const end = model.path.at(-1);
  // A jump is a new start: no robot drives half a metre between two pictures.
  if (end && Math.hypot(end[0] - x, end[1] - y) > 0.5) model.path = [];
  if (!end || Math.hypot(end[0] - x, end[1] - y) > 0.004 || !model.path.length) model.path.push([x, y, heading]);
  if (model.path.length > 2000) model.path.shift();
  model.pose = message;
}

async function picture(data) {
  newest = data;
  if (decoding) return; // the newest wins
  decoding = true;
  while (newest) {
    const bytes = newest;
    newest = null;
    try {
      const size = new DataView(bytes).getUint32(0);
      const header = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, size)));
      const jpeg = new Blob([new Uint8Array(bytes, 4 + size)], { type: "image/jpeg" });
      const image = await createImageBitmap(jpeg);
      const old = model.frame;
      model.frame = { ...header, image, jpeg, at: performance.now() };
      emit("frame", model.frame);
      if (old && !old.kept) old.image.close();
    } catch {
      // Half a picture is no picture; the next one comes in a tenth of a second.
    }
  }
  decoding = false;
}

setInterval(() => {
  send({ type: "ping", t: performance.now() });
  if (model.connected && performance.now() - model.heard > 4000) drop();
}, 1000);
addEventListener("offline", () => socket && drop());
addEventListener("online", connect);
document.addEventListener("visibilitychange", () => {
  send({ type: "watch", frames: !document.hidden });
  if (!document.hidden && !socket) connect();
});
