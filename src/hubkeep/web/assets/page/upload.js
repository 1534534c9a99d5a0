// Uploads: files and folders are listed, large ones hashed and sent in parts, then everything lands in one commit.
// What was sent already is not sent again: the hub knows whole files and the parts of unfinished ones; this browser remembers
// where it may ask for those. Parts go straight to the bucket where there is one that the browser can reach, else to the hub.

const form = document.querySelector("[data-upload]");
const at = (name) => form.querySelector(`[data-${name}]`);
const to = form.dataset;
const told = document.querySelector("[data-announce]");
const pattern = at("item").content.firstElementChild;

const AT_ONCE = 3; // requests that carry bytes
const TRIES = 5;
const SILENCE = 90_000; // ms without a byte: then the line is broken, whatever it says
const SHOWN = 500; // files in the list; all are uploaded
const ASKED = 250; // files in one question how they should travel
const LOOKED = 1000; // files of which is told what they replace, before anything is sent
const IGNORED = "left out by .gitignore";
const BLOCK = 6 << 20; // small files gathered before they become a part of the body

let items = []; // {path, file, row, large, sha256, done, state}
let running = null; // AbortController while an upload runs
let proposed = false;

for (const part of form.querySelectorAll("[data-needs-script], [data-drop]")) part.hidden = false;

/* Choosing ------------------------------------------------------------------------------------------------------ */

const clean = (path) => path.split("/").filter(Boolean).join("/");

function add(found) {
  const known = new Map(items.map((item) => [item.path, item]));
  for (const { path, file } of found) {
    const name = clean(path);
    if (!name || name.split("/").includes(".git")) continue;
    known.set(name, { path: name, file, state: "", done: 0 }); // the same path again: the newer one
  }
  items = [...known.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  list();
  told.textContent = at("count").textContent;
  lookSoon();
}

// What will become of each file is told before anything is sent: which ones replace what is there, which ones stay at home.
let looking = new AbortController();
let soon;
function lookSoon() {
  clearTimeout(soon);
  looking.abort();
  soon = setTimeout(async () => {
    if (running || !items.length || items.length > LOOKED) return;
    looking = new AbortController();
    proposed = form.elements.way.value === "propose";
    try {
      await ask(looking.signal);
    } catch {
      return; // the upload itself will say what is wrong
    }
    list();
  }, 300);
}
form.elements.folder.addEventListener("input", () => {
  for (const item of items) item.there = item.ignored = false;
  lookSoon();
});

// Everything in what was dropped: folders are entered, names kept as they are on disk.
async function dropped(transfer) {
  const roots = [...transfer.items].filter((item) => item.kind === "file").map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile());
  const found = [];
  for (const root of roots) {
    if (root instanceof File) found.push({ path: root.name, file: root });
    else if (root) for await (const each of entered(root)) found.push(each);
  }
  return found;
}

async function* entered(entry) {
  if (entry.isFile) {
    yield { path: entry.fullPath, file: await new Promise((good, bad) => entry.file(good, bad)) };
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((good, bad) => reader.readEntries(good, bad)); // a hundred at a time
    if (!some.length) return;
    for (const inner of some) yield* entered(inner);
  }
}

const drop = at("drop");
for (const name of ["dragenter", "dragover"]) {
  addEventListener(name, (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    drop.classList.add("is-over");
  });
}
addEventListener("dragleave", (event) => event.relatedTarget || drop.classList.remove("is-over"));
addEventListener("drop", async (event) => {
  if (!event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  drop.classList.remove("is-over");
  if (running) return;
  try {
    add(await dropped(event.dataTransfer));
  } catch (error) {
    problem(`What was dropped cannot be read: ${error.message}`);
  }
});
for (const name of ["files", "folder"]) {
  at(name).addEventListener("change", ({ target }) => {
    add([...target.files].map((file) => ({ path: file.webkitRelativePath || file.name, file })));
    target.value = "";
  });
}
at("clear").addEventListener("click", () => {
  items = [];
  list();
});

/* Showing ------------------------------------------------------------------------------------------------------- */

const UNITS = ["bytes", "kB", "MB", "GB", "TB"];
function size(bytes) {
  let unit = 0;
  for (; bytes >= 1000 && unit < 4; unit++) bytes /= 1000;
  return `${unit ? bytes.toFixed(bytes < 10 ? 1 : 0) : bytes} ${UNITS[unit]}`;
}

function list() {
  const rows = items.slice(0, SHOWN).map((item) => {
    const row = pattern.cloneNode(true);
    row.querySelector(".upload-name").textContent = item.path;
    const button = row.querySelector("button");
    button.setAttribute("aria-label", `Leave out ${item.path}`);
    button.addEventListener("click", () => {
      const index = items.indexOf(item);
      items.splice(index, 1);
      list();
      (at("items").children[Math.min(index, items.length - 1)]?.querySelector("button") ?? at("files")).focus();
    });
    item.row = row;
    say(item, item.state || outlook(item));
    return row;
  });
  at("items").replaceChildren(...rows);
  at("list").hidden = !items.length;
  const bytes = items.reduce((sum, item) => sum + item.file.size, 0);
  const replacing = items.filter((item) => item.there && !item.ignored).length;
  const more = replacing ? `, ${replacing.toLocaleString("en")} of them there already` : "";
  at("count").textContent = `${items.length.toLocaleString("en")} ${items.length === 1 ? "file" : "files"}, ${size(bytes)}${more}`;
  at("more").hidden = items.length <= SHOWN;
  at("more").textContent = `And ${(items.length - SHOWN).toLocaleString("en")} more.`;
  button.disabled = !items.length;
}

const outlook = (item) => (item.ignored ? IGNORED : size(item.file.size) + (item.there ? ", replaces the one there" : ""));

function say(item, words, kind = "") {
  if (running) item.state = words;
  if (!item.row) return;
  item.row.querySelector(".upload-state").textContent = words;
  item.row.classList.toggle("is-bad", kind === "bad");
  item.row.classList.toggle("is-done", kind === "done");
}

function progress(item, done) {
  item.done = done;
  const bar = item.row?.querySelector("progress");
  if (bar) {
    bar.hidden = !(done > 0 && done < 1);
    bar.value = done;
  }
  total();
}

let drawing = false;
let heard = 0; // the quarter that a screen reader was told of last
function total() {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    const all = items.reduce((sum, item) => sum + item.file.size, 0) || 1;
    const done = items.reduce((sum, item) => sum + item.done * item.file.size, 0);
    const words = `${size(Math.round(done))} of ${size(all)}`;
    at("total").querySelector("progress").value = done / all;
    at("total-words").textContent = words;
    const quarter = Math.floor((4 * done) / all);
    if (quarter === heard) return;
    heard = quarter;
    if (running && quarter) told.textContent = `${25 * quarter} %, ${words}`;
  });
}

function problem(text, ...more) {
  at("problem").hidden = !text;
  at("problem").replaceChildren(text, ...more);
}

function signIn() {
  const link = document.createElement("a");
  Object.assign(link, { href: "/login", target: "_blank", textContent: "Sign in in another tab" });
  return link;
}

/* Sending ------------------------------------------------------------------------------------------------------- */

class Refused extends Error {
  constructor(status, text) {
    super(text);
    this.status = status;
  }
}

const wait = (ms, signal) =>
  new Promise((good, bad) => {
    const timer = setTimeout(good, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), bad(signal.reason)), { once: true });
  });

// A line that breaks, or a hub that restarts, is tried again; what the hub refuses is not. Without any line, it is waited for.
async function patiently(work, signal) {
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    await online(signal);
    try {
      return await work();
    } catch (error) {
      const again = error instanceof Refused ? error.status >= 500 || error.status === 429 || error.status === 408 : error.name === "TypeError";
      if (signal.aborted || !again) throw error;
      if (!navigator.onLine) attempt = 0;
      else if (attempt === TRIES) throw error;
      else await wait(400 * 2 ** attempt, signal);
    }
  }
}

async function online(signal) {
  if (navigator.onLine) return;
  problem("There is no connection. The upload goes on by itself as soon as there is.");
  const heard = new AbortController();
  await new Promise((good, bad) => {
    addEventListener("online", good, { once: true, signal: heard.signal });
    signal.addEventListener("abort", () => bad(signal.reason), { once: true, signal: heard.signal });
  }).finally(() => heard.abort());
  problem("");
}

async function json(address, body, type = "application/json", signal = running.signal) {
  return patiently(async () => {
    const answer = await fetch(address, {
      method: body ? "POST" : "GET",
      signal,
      headers: { Accept: type, ...(body && { "Content-Type": type }) },
      body: !body || body instanceof Blob ? body : JSON.stringify(body),
    });
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Refused(answer.status, said.error ?? said.message ?? `The hub answered ${answer.status}.`);
    return said;
  }, signal);
}

// Whether parts go straight to the bucket: unless it turns out that this browser cannot reach it, or may not.
let straight = Boolean(to.bucket);
let reached = false;

class Unreachable extends Error {}

const isBucket = (address) => Boolean(to.bucket) && new URL(address, location.href).origin === to.bucket;

// PUT bytes of the disk with progress, which fetch cannot tell; returns the ETag, "" when it is kept from us.
function put(address, blob, moved) {
  const signal = running.signal;
  const direct = isBucket(address);
  return patiently(
    () =>
      new Promise((good, bad) => {
        const line = new XMLHttpRequest();
        let silence;
        const stop = () => line.abort();
        const listen = () => (clearTimeout(silence), (silence = setTimeout(stop, SILENCE)));
        const end = (settle, value) => (clearTimeout(silence), signal.removeEventListener("abort", stop), settle(value));
        const broken = () => (direct && !reached && navigator.onLine ? new Unreachable() : new TypeError("The connection broke."));
        line.open("PUT", direct ? address : here(address));
        line.upload.addEventListener("progress", (event) => (listen(), moved(event.loaded)));
        line.addEventListener("load", () => {
          if (direct && line.status < 300) reached = straight = true;
          if (line.status < 300) return end(good, line.getResponseHeader("ETag") ?? "");
          let text = "";
          try {
            text = JSON.parse(line.responseText).message;
          } catch {}
          end(bad, new Refused(line.status, text || `The ${direct ? "store" : "hub"} answered ${line.status}.`));
        });
        line.addEventListener("error", () => end(bad, broken()));
        line.addEventListener("abort", () => end(bad, signal.aborted ? signal.reason : broken()));
        signal.addEventListener("abort", stop);
        moved(0);
        listen();
        line.send(blob);
      }),
    signal,
  );
}

// The hub signs addresses under its public name; the browser may know it by another, and may only talk to that one.
function here(address) {
  const url = new URL(address, location.href);
  return url.pathname + url.search;
}

// At most AT_ONCE of these run at the same time.
const waiting = [];
let busy = 0;
async function turn(work) {
  if (busy >= AT_ONCE) await new Promise((good) => waiting.push(good));
  busy++;
  try {
    return await work();
  } finally {
    busy--;
    waiting.shift()?.();
  }
}

let worker, hashes;
function hash(item) {
  if (!worker) {
    hashes = new Map();
    worker = new Worker(to.worker, { type: "module" });
    worker.addEventListener("message", ({ data }) => hashes.get(data.id)?.(data));
    worker.addEventListener("error", (event) => {
      for (const hear of hashes.values()) hear({ error: event.message || "The file cannot be read." });
    });
  }
  return new Promise((good, bad) => {
    const end = (settle, value) => (hashes.delete(item.path), settle(value));
    hashes.set(item.path, ({ done, sha256, error }) => {
      if (sha256) end(good, sha256);
      else if (error) end(bad, new Error(error));
      else if (done !== undefined) say(item, `reading ${Math.floor((100 * done) / item.file.size)} %`);
    });
    running.signal.addEventListener("abort", () => end(bad, running?.signal.reason ?? new DOMException("Stopped", "AbortError")), { once: true });
    worker.postMessage({ file: item.file, id: item.path });
  });
}

/* What this browser remembers of unfinished files: the hash, and where to ask which parts are there. */

const MEMORY = "hubkeep-upload ";
const DAYS = 7 * 24 * 3600e3;

const memory = {
  key: (item) => `${MEMORY}${to.batch} ${proposed} ${item.path} ${item.file.size} ${item.file.lastModified}`,
  read(item) {
    try {
      return JSON.parse(localStorage.getItem(this.key(item))) ?? {};
    } catch {
      return {};
    }
  },
  write(item, what) {
    try {
      localStorage.setItem(this.key(item), JSON.stringify({ ...what, at: Date.now() }));
    } catch {} // full, or forbidden: then it is sent again after a reload
  },
  forget(item) {
    try {
      localStorage.removeItem(this.key(item));
    } catch {}
  },
  clear() {
    try {
      for (const key of Object.keys(localStorage).filter((each) => each.startsWith(MEMORY))) {
        if (!(Date.now() - JSON.parse(localStorage.getItem(key)).at < DAYS)) localStorage.removeItem(key);
      }
    } catch {}
  },
};
memory.clear();

const LFS = "application/vnd.git-lfs+json";

async function sendLarge(item) {
  const { resume } = memory.read(item);
  try {
    await sendFrom(item, resume);
  } catch (error) {
    // What was begun ends one day; and a remembered hash is wrong when the file changed without telling: begin anew, once.
    const stale = error instanceof Refused && error.status < 500 && error.status !== 401 && (resume || item.begun || !item.hashed);
    if (!stale) throw error;
    memory.forget(item);
    if (!item.hashed && error.status === 400) {
      item.sha256 = await hash(item);
      item.hashed = true;
    }
    await sendFrom(item);
  }
  memory.forget(item);
  progress(item, 1);
  say(item, "uploaded", "done");
}

async function sendFrom(item, resume) {
  const way = { item, sent: new Map() }; // and where parts go, and which are there
  if (resume) {
    way.resume = resume;
    await renew(way);
  } else {
    const transfers = straight ? ["multipart", "straight"] : ["multipart"];
    const body = { operation: "upload", transfers, hash_algo: "sha256", objects: [{ oid: item.sha256, size: item.file.size }] };
    if (!proposed) body.ref = { name: to.ref };
    const { objects } = await json(to.batch, body, LFS);
    if (objects[0].error) throw new Refused(422, objects[0].error.message);
    if (!objects[0].actions) return; // the repository holds it
    take(way, objects[0].actions);
  }
  item.begun = true;
  if (way.upload.header?.chunk_size) await sendParts(way);
  else await turn(() => put(way.upload.href, item.file, (done) => moved(item, new Map([[1, done]]))));
  await json(here(way.verify.href), { oid: item.sha256, size: item.file.size }, LFS);
}

// Take what the hub says of an upload; in parts, this browser can come back to it.
function take(way, { upload, verify }, parts = []) {
  const { chunk_size: chunk, ...addresses } = upload.header ?? {};
  Object.assign(way, { upload, verify, until: performance.now() + upload.expires_in * 500 });
  if (!chunk) return;
  way.bytes = Number(chunk);
  way.addresses = Object.keys(addresses).sort().map((key) => addresses[key]);
  way.have = new Map(parts.map(({ partNumber, etag }) => [partNumber, etag]));
  way.resume = upload.href;
  memory.write(way.item, { sha256: way.item.sha256, resume: way.resume });
}

// Ask which parts are there, and for addresses that are good for another while. Parts that travel meanwhile add themselves.
function renew(way) {
  way.renewing ??= (async () => {
    const kept = way.have ?? new Map();
    const { actions, parts } = await json(here(way.resume) + (straight ? "&straight=1" : ""), null, LFS);
    take(way, actions, parts);
    for (const [number, tag] of way.have) way.sent.set(number, piece(way, number).size);
    if (!way.settling) for (const [number, tag] of kept) if (!way.have.has(number)) way.have.set(number, tag);
  })().finally(() => {
    way.renewing = null;
  });
  return way.renewing;
}

const piece = ({ item, bytes }, number) => item.file.slice((number - 1) * bytes, number * bytes);

async function sendParts(way) {
  const { item } = way;
  for (let attempt = 1; ; attempt++) {
    const numbers = way.addresses.map((_, index) => index + 1);
    moved(item, way.sent);
    await Promise.all(numbers.filter((number) => !way.have.has(number)).map((number) => turn(() => sendPart(way, number))));
    say(item, "being put together");
    way.settling = true;
    try {
      if (numbers.some((number) => !way.have.get(number))) await renew(way);
      const parts = numbers.map((number) => ({ partNumber: number, etag: way.have.get(number) ?? "" }));
      return await json(here(way.upload.href), { oid: item.sha256, parts }, LFS);
    } catch (error) {
      // Another tab sends the same file: what counts is what is there now.
      if (error.status !== 422 || attempt === 3) throw error;
      await renew(way);
    } finally {
      way.settling = false;
    }
  }
}

async function sendPart(way, number) {
  const blob = piece(way, number);
  for (let attempt = 1; ; attempt++) {
    running.signal.throwIfAborted();
    if (performance.now() > way.until) await renew(way);
    if (way.have.has(number)) return;
    const address = way.addresses[number - 1];
    try {
      const tag = await put(address, blob, (done) => {
        way.sent.set(number, done);
        moved(way.item, way.sent);
      });
      way.sent.set(number, blob.size);
      way.have.set(number, tag);
      return;
    } catch (error) {
      const refused = error instanceof Refused && error.status < 500 && error.status !== 413;
      if (attempt === 3 || !(refused || error instanceof Unreachable)) throw error;
      if (isBucket(address) && (attempt === 2 || error instanceof Unreachable)) straight = false;
      await renew(way);
    }
  }
}

function moved(item, sent) {
  const done = [...sent.values()].reduce((sum, each) => sum + each, 0) / (item.file.size || 1);
  progress(item, Math.min(done, 0.999));
  say(item, `${Math.floor(100 * Math.min(done, 1))} %`);
}

/* How each file should travel: the hub knows its .gitattributes and .gitignore. */

async function ask(signal = running.signal) {
  const query = proposed ? "?create_pr=1" : "";
  const own = await ownRules();
  const all = [...items];
  for (let from = 0; from < all.length; from += ASKED) {
    const some = all.slice(from, from + ASKED);
    const files = await Promise.all(
      some.map(async (item) => ({ path: target(item), size: item.file.size, sample: await base64(item.file.slice(0, 512)) })),
    );
    const answer = await json(to.preupload + query, { files, ...own }, "application/json", signal);
    for (const [index, verdict] of answer.files.entries()) {
      some[index].large = verdict.uploadMode === "lfs";
      some[index].ignored = verdict.shouldIgnore;
      some[index].there = Boolean(verdict.oid);
      say(some[index], outlook(some[index]));
    }
  }
}

// Rules that come with this very upload count.
async function ownRules() {
  const rules = {};
  for (const [name, key] of [[".gitignore", "gitIgnore"], [".gitattributes", "gitAttributes"]]) {
    const item = items.find((each) => target(each) === name);
    if (item && item.file.size < 1 << 20) rules[key] = await item.file.text();
  }
  return rules;
}

const target = (item) => clean(`${form.elements.folder.value.trim()}/${item.path}`);

function base64(blob) {
  return new Promise((good, bad) => {
    const reader = new FileReader();
    reader.onload = () => good(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => bad(new Error("A file cannot be read any more: was it moved or changed?"));
    if (blob.size) reader.readAsDataURL(blob);
    else good("");
  });
}

// The commit's body: lines gathered into blobs, which the browser may keep on disk.
async function payload(chosen) {
  const header = { summary: summary(chosen), description: form.elements.description.value.trim() };
  const body = [JSON.stringify({ key: "header", value: header }) + "\n"];
  let block = [];
  let gathered = 0;
  let whole = 0;
  for (const item of chosen) {
    running.signal.throwIfAborted();
    const path = target(item);
    if (item.large) {
      block.push(JSON.stringify({ key: "lfsFile", value: { path, algo: "sha256", oid: item.sha256, size: item.file.size } }) + "\n");
    } else {
      const content = await base64(item.file);
      whole += content.length;
      gathered += content.length;
      block.push(JSON.stringify({ key: "file", value: { path, content, encoding: "base64" } }) + "\n");
    }
    if (whole > Number(to.most)) throw new Error(`The small files are over the limit of ${size(Number(to.most))} for one commit. Upload them in two.`);
    if (gathered > BLOCK) {
      body.push(new Blob(block));
      block = [];
      gathered = 0;
    }
  }
  return new Blob([...body, ...block], { type: "application/x-ndjson" });
}

function summary(chosen) {
  const typed = form.elements.summary.value.trim();
  if (typed) return typed;
  return chosen.length === 1 ? `Upload ${target(chosen[0])}`.slice(0, 500) : `Upload ${chosen.length} files`;
}

async function upload() {
  await ask();
  const chosen = items.filter((item) => !item.ignored);
  if (!chosen.length) throw new Error("Nothing is left to upload: .gitignore leaves all of it out.");
  // One file is hashed while others travel; nobody waits for the last hash.
  const sending = [];
  let failed = null;
  for (const item of chosen.filter((each) => each.large)) {
    if (failed) break;
    item.sha256 ??= memory.read(item).sha256;
    if (!item.sha256) {
      item.sha256 = await hash(item).catch((error) => {
        say(item, error.message, "bad");
        throw error;
      });
      item.hashed = true;
      memory.write(item, { sha256: item.sha256 });
    }
    sending.push(
      sendLarge(item).catch((error) => {
        failed ??= error;
        if (!running?.signal.aborted) say(item, error.message, "bad");
      }),
    );
  }
  await Promise.all(sending);
  if (failed) throw failed;
  button.textContent = told.textContent = "Committing…";
  const body = await payload(chosen);
  const answer = await json(`${to.commit}${proposed ? "?create_pr=1" : ""}`, body, "application/x-ndjson");
  for (const item of chosen) {
    progress(item, 1);
    say(item, "committed", "done");
  }
  const number = /\/discussions\/(\d+)/.exec(answer.pullRequestUrl ?? "")?.[1];
  const folder = clean(form.elements.folder.value.trim());
  return number ? `${to.discussions}/${number}` : to.tree + (folder ? `/${folder.split("/").map(encodeURIComponent).join("/")}` : "");
}

/* The button ---------------------------------------------------------------------------------------------------- */

const button = form.querySelector("[name=do]");
const words = button.textContent;
button.disabled = true;

function lock(yes) {
  for (const field of form.querySelectorAll("input, textarea, [data-clear], .upload-item button")) field.disabled = yes;
  button.disabled = yes || !items.length;
  at("clear").hidden = yes;
  at("cancel").hidden = !yes;
  at("total").hidden = !yes && !items.some((item) => item.done);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (running || !items.length) return;
  clearTimeout(soon);
  looking.abort();
  running = new AbortController();
  heard = 0;
  proposed = form.elements.way.value === "propose";
  problem("");
  lock(true);
  at("cancel").focus(); // the button that was pressed cannot keep the focus; and progress is beside this one
  button.textContent = "Uploading…";
  told.textContent = "Uploading";
  try {
    const next = await upload();
    running = null;
    location.assign(next);
  } catch (error) {
    const stopped = running.signal.aborted;
    running.abort();
    running = null;
    worker?.terminate();
    worker = null;
    lock(false);
    button.focus({ preventScroll: true });
    button.textContent = stopped ? words : "Try again";
    const kept = "What was sent is kept: nothing of it travels twice.";
    told.textContent = "";
    if (error.status === 401) problem("You are signed out, and nothing was committed. ", signIn(), `, then try again here. ${kept}`);
    else problem(stopped ? `Stopped, and nothing was committed. ${kept}` : `${error.message} Nothing was committed. ${kept}`);
    at("problem").scrollIntoView({ block: "nearest" });
  }
});
at("cancel").addEventListener("click", () => running?.abort(new DOMException("Stopped", "AbortError")));
addEventListener("beforeunload", (event) => {
  if (running) event.preventDefault();
});
