// The editor of a file: code editor, preview, changes, a word before the page is left. Without it, the form works as it is.

import { openEditor } from "../bundle/codemirror.js";
import { metadata } from "./metadata.js";

const form = document.querySelector("[data-editor]");
const area = form.querySelector("textarea[name=text]");
const path = form.elements.path;
const look = form.querySelector("[data-look]");
const size = form.querySelector("[data-size]");
const most = Number(form.dataset.maxBytes);
const told = document.querySelector("[data-announce]");

const sent = form.querySelector("[role=alert], .faults") !== null; // shown again: what is in it was never saved
const asItWas = area.defaultValue;
let dirty = sent;

const place = document.createElement("div");
place.className = "editor-code";
area.after(place);
area.hidden = true;

const isCard = () => path.value.trim().replace(/^\/+|\/+$/g, "") === "README.md";

let typed = () => {};
const editor = openEditor({
  place,
  text: area.value,
  label: "Text",
  changed(text) {
    area.value = text;
    dirty = sent || text !== asItWas;
    weigh();
    typed();
  },
  check: faultsOf,
});

// The hub's own check of the front matter, while it is being written.
async function faultsOf(text) {
  if (!isCard()) return [];
  const answer = await fetch("/api/validate-yaml", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ content: text.slice(0, most), repoType: form.dataset.repoType }),
  }).catch(() => null);
  const found = await answer?.json().catch(() => null);
  return (found?.errors ?? []).map(({ message }) => ({ line: lineOf(message, text), text: message }));
}

function lineOf(message, text) {
  const named = /\bline (\d+): /.exec(message);
  if (named) return Number(named[1]);
  const key = /^"(\w+)" must /.exec(message)?.[1];
  const at = key ? text.split("\n").findIndex((line) => line.startsWith(`${key}:`)) : -1;
  return at < 0 ? 1 : at + 1;
}

typed = metadata(form, { text: () => area.value, put: (text) => editor.put(text) });

function weigh() {
  const bytes = new Blob([area.value]).size;
  size.textContent = bytes > most / 2 ? `${bytes.toLocaleString("en")} of ${most.toLocaleString("en")} bytes` : "";
  size.classList.toggle("is-over", bytes > most);
}

editor.called(path.value, isCard());
path.addEventListener("input", () => {
  dirty = true;
  editor.called(path.value, isCard());
});
for (const link of form.querySelectorAll("[data-go-to]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    show("write");
    editor.goTo(Number(link.dataset.goTo));
  });
}

// Text, preview and changes are three looks at the same thing; the server renders the last two.
const tabs = form.querySelector("[data-tabs]");
tabs.hidden = false;
for (const part of form.querySelectorAll("[data-without-script]")) part.hidden = true;
const write = form.querySelector("[data-write]");
let asking;

function show(tab) {
  for (const button of tabs.querySelectorAll("[data-tab]")) button.setAttribute("aria-pressed", String(button.dataset.tab === tab));
  write.hidden = tab !== "write";
  look.hidden = tab === "write";
}

async function render(tab) {
  asking?.abort();
  asking = new AbortController();
  const fields = new URLSearchParams(new FormData(form));
  fields.set("do", tab);
  try {
    const answer = await fetch(form.getAttribute("action"), { method: "POST", body: fields, signal: asking.signal });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.querySelector(`[data-looked=${tab}]`);
    if (found) look.replaceChildren(document.importNode(found, true));
    else look.textContent = page.querySelector("[role=alert]")?.textContent ?? "That did not work. Try again.";
  } catch (error) {
    if (error.name !== "AbortError") look.textContent = "The hub cannot be reached.";
  }
}

tabs.addEventListener("click", async (event) => {
  const tab = event.target.closest("[data-tab]")?.dataset.tab;
  if (!tab) return;
  if (tab !== "write") await render(tab);
  show(tab);
  if (tab === "write") editor.focus();
});
show(look.querySelector("[data-looked]")?.dataset.looked ?? "write");

// Nothing that was typed is lost by a wrong click.
addEventListener("beforeunload", (event) => {
  if (dirty) event.preventDefault();
});
form.addEventListener("submit", (event) => {
  if (new Blob([area.value]).size > most) {
    event.preventDefault();
    told.textContent = size.textContent;
    return;
  }
  dirty = false;
});
form.addEventListener("input", (event) => {
  if (event.target.name === "description" && event.target.value) dirty = true;
});
weigh();
