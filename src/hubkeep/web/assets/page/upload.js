// Uploads: files and folders are listed, large ones hashed and sent in parts, then everything lands in one commit.
// What was sent already is not sent again: the hub knows whole files, this browser remembers the parts of unfinished ones.

const form = document.querySelector("[data-upload]");
const at = (name) => form.querySelector(`[data-${name}]`);
const to = form.dataset;
const told = document.querySelector("[data-announce]");
const pattern = at("item").content.firstElementChild;

const AT_ONCE = 3; // requests that carry bytes
const TRIES = 5;
const SHOWN = 500; // files in the list; all are uploaded
const ASKED = 250; // files in one question how they should travel
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
}

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
      items.splice(items.indexOf(item), 1);
      list();
    });
    item.row = row;
    say(item, item.state || size(item.file.size));
    return row;
  });
  at("items").replaceChildren(...rows);
  at("list").hidden = !items.length;
  const bytes = items.reduce((sum, item) => sum + item.file.size, 0);
  at("count").textContent = `${items.length.toLocaleString("en")} ${items.length === 1 ? "file" : "files"}, ${size(bytes)}`;
  at("more").hidden = items.length <= SHOWN;
  at("more").textContent = `And ${(items.length - SHOWN).toLocaleString("en")} more.`;
  button.disabled = !items.length;
}

function say(item, words, kind = "") {
  item.state = words;
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
function total() {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    const all = items.reduce((sum, item) => sum + item.file.size, 0) || 1;
    const done = items.reduce((sum, item) => sum + item.done * item.file.size, 0);
    at("total").querySelector("progress").value = done / all;
    at("total-words").textContent = `${size(Math.round(done))} of ${size(all)}`;
  });
}

function problem(text) {
  at("problem").hidden = !text;
  at("problem").textContent = text;
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

// A line that breaks, or a hub that restarts, is tried again; what the hub refuses is not.
async function patiently(work, signal) {
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      const again = error instanceof Refused ? error.status >= 500 || error.status === 429 || error.status === 408 : error.name === "TypeError";
      if (signal.aborted || !again || attempt === TRIES) throw error;
      await wait(400 * 2 ** attempt, signal);
    }
  }
}

async function json(address, body, type = "application/json") {
  const signal = running.signal;
  return patiently(async () => {
    const answer = await fetch(address, {
      method: "POST",
      signal,
      headers: { "Content-Type": type, Accept: type },
      body: body instanceof Blob ? body : JSON.stringify(body),
    });
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Refused(answer.status, said.error ?? said.message ?? `The hub answered ${answer.status}.`);
    return said;
  }, signal);
}

// PUT bytes of the disk with progress, which fetch cannot tell; returns the ETag.
function put(address, blob, moved) {
  const signal = running.signal;
  return patiently(
    () =>
      new Promise((good, bad) => {
        const line = new XMLHttpRequest();
        const stop = () => line.abort();
        const end = (settle, value) => (signal.removeEventListener("abort", stop), settle(value));
        line.open("PUT", here(address));
        line.upload.addEventListener("progress", (event) => moved(event.loaded));
        line.addEventListener("load", () => {
          if (line.status < 300) return end(good, line.getResponseHeader("ETag") ?? "");
          let text = "";
          try {
            text = JSON.parse(line.responseText).message;
          } catch {}
          end(bad, new Refused(line.status, text || `The hub answered ${line.status}.`));
        });
        line.addEventListener("error", () => end(bad, new TypeError("The line to the hub broke.")));
        line.addEventListener("abort", () => end(bad, signal.reason));
        signal.addEventListener("abort", stop);
        moved(0);
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

/* What this browser remembers of unfinished files: the hash, and where the parts went. */

const memory = {
  key: (item) => `hubkeep-upload ${to.batch} ${proposed} ${item.path} ${item.file.size} ${item.file.lastModified}`,
  read(item) {
    try {
      return JSON.parse(localStorage.getItem(this.key(item))) ?? {};
    } catch {
      return {};
    }
  },
  write(item, what) {
    try {
      localStorage.setItem(this.key(item), JSON.stringify(what));
    } catch {} // full, or forbidden: then it is sent again after a reload
  },
  forget(item) {
    try {
      localStorage.removeItem(this.key(item));
    } catch {}
  },
};

async function sendLarge(item) {
  const known = memory.read(item);
  try {
    await sendKnown(item, known);
  } catch (error) {
    // Remembered addresses end one day, and a remembered hash is wrong when the file changed without telling: begin anew, once.
    const stale = error instanceof Refused && error.status < 500 && (known.upload || !item.hashed);
    if (!stale) throw error;
    memory.forget(item);
    item.sha256 = await hash(item);
    item.hashed = true;
    await sendKnown(item, { sha256: item.sha256 });
  }
  memory.forget(item);
  progress(item, 1);
  say(item, "uploaded", "done");
}

async function sendKnown(item, known) {
  if (!known.upload) {
    const body = { operation: "upload", transfers: ["multipart"], hash_algo: "sha256", objects: [{ oid: item.sha256, size: item.file.size }] };
    if (!proposed) body.ref = { name: to.ref };
    const { objects } = await json(to.batch, body, "application/vnd.git-lfs+json");
    if (objects[0].error) throw new Refused(422, objects[0].error.message);
    if (!objects[0].actions) return; // the repository holds it
    known = Object.assign(known, objects[0].actions, { parts: {} });
  }
  await sendParts(item, known);
  await json(here(known.verify.href), { oid: item.sha256, size: item.file.size }, "application/vnd.git-lfs+json");
}

async function sendParts(item, known) {
  const { chunk_size: chunk, ...addresses } = known.upload.header ?? {};
  if (!chunk) {
    await turn(() => put(known.upload.href, item.file, (done) => moved(item, new Map([[1, done]]))));
    return;
  }
  const bytes = Number(chunk);
  const sent = new Map();
  const keys = Object.keys(addresses).sort();
  const place = (number) => item.file.slice((number - 1) * bytes, number * bytes);
  const parts = keys.map((key, index) => ({ number: index + 1, address: addresses[key] }));
  for (const { number } of parts) if (known.parts[number]) sent.set(number, place(number).size);
  memory.write(item, known);
  await Promise.all(
    parts.map(({ number, address }) =>
      known.parts[number] ? null : turn(async () => {
        running.signal.throwIfAborted();
        const blob = place(number);
        known.parts[number] = await put(address, blob, (done) => {
          sent.set(number, done);
          moved(item, sent);
        });
        sent.set(number, blob.size);
        memory.write(item, known);
      }),
    ),
  );
  say(item, "being put together");
  await json(here(known.upload.href), {
    oid: item.sha256,
    parts: parts.map(({ number }) => ({ partNumber: number, etag: known.parts[number] })),
  }, "application/vnd.git-lfs+json");
}

function moved(item, sent) {
  const done = [...sent.values()].reduce((sum, each) => sum + each, 0) / (item.file.size || 1);
  progress(item, Math.min(done, 0.999));
  say(item, `${Math.floor(100 * Math.min(done, 1))} %`);
}

/* How each file should travel: the hub knows its .gitattributes and .gitignore. */

async function ask() {
  const query = proposed ? "?create_pr=1" : "";
  const own = await ownRules();
  for (let from = 0; from < items.length; from += ASKED) {
    const some = items.slice(from, from + ASKED);
    const files = await Promise.all(
      some.map(async (item) => ({ path: target(item), size: item.file.size, sample: await base64(item.file.slice(0, 512)) })),
    );
    const answer = await json(to.preupload + query, { files, ...own });
    for (const [index, verdict] of answer.files.entries()) {
      some[index].large = verdict.uploadMode === "lfs";
      some[index].ignored = verdict.shouldIgnore;
      if (verdict.shouldIgnore) say(some[index], "left out by .gitignore");
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
  button.textContent = "Committing…";
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
  at("running").hidden = !yes;
  at("total").hidden = !yes && !items.some((item) => item.done);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (running || !items.length) return;
  running = new AbortController();
  proposed = form.elements.way.value === "propose";
  problem("");
  lock(true);
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
    button.textContent = stopped ? words : "Try again";
    const kept = "What was sent is kept: nothing of it travels twice.";
    problem(stopped ? `Stopped, and nothing was committed. ${kept}` : `${error.message} Nothing was committed. ${kept}`);
    at("problem").scrollIntoView({ block: "nearest" });
  }
});
at("cancel").addEventListener("click", () => running?.abort(new DOMException("Stopped", "AbortError")));
addEventListener("beforeunload", (event) => {
  if (running) event.preventDefault();
});
