// The box that comments are written in: a preview, pictures by pasting and dropping, quotations, and nothing typed is lost.

const told = document.querySelector("[data-announce]");

function insert(area, text) {
  area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

// What stands for a file while it travels, and when it has arrived.
function markup(file, address) {
  const name = file.name.replace(/[[\]()<>\\`*_]/g, " ").trim() || "file";
  if (file.type.startsWith("video/")) return `<video src="${address}"></video>`;
  if (file.type.startsWith("audio/")) return `<audio src="${address}"></audio>`;
  return `![${name}](${address})`;
}

async function attach(area, file) {
  const waiting = `![${file.name.replace(/[[\]()]/g, " ")} is being sent…]()`;
  insert(area, `${waiting}\n`);
  let now = "";
  try {
    const answer = await fetch("/uploads", { method: "POST", headers: { "Content-Type": file.type }, body: file });
    const text = (await answer.text()).trim();
    if (answer.ok) now = markup(file, text);
    else told.textContent = (answer.headers.get("x-error-message") ?? "") || "The file was not taken.";
  } catch {
    told.textContent = "The file was not sent: the hub cannot be reached.";
  }
  if (!now) area.setCustomValidity(told.textContent), area.reportValidity(), area.setCustomValidity("");
  area.value = area.value.replace(waiting, () => now);
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

function files(list) {
  return [...(list ?? [])].filter((file) => /^(image|video|audio)\//.test(file.type));
}

for (const box of document.querySelectorAll("[data-composer]")) {
  const area = box.querySelector("textarea");
  const look = box.querySelector("[data-preview]");
  const [write, show] = box.querySelectorAll("[data-write], [data-look]");
  const chooser = box.querySelector("[type=file]");
  box.querySelector("[data-composer-tabs]").hidden = false;
  box.querySelector("[data-attach]").hidden = false;

  const turn = (preview) => {
    look.hidden = !preview;
    area.hidden = preview;
    write.setAttribute("aria-pressed", String(!preview));
    show.setAttribute("aria-pressed", String(preview));
  };
  write.addEventListener("click", () => {
    turn(false);
    area.focus();
  });
  show.addEventListener("click", async () => {
    const body = new URLSearchParams({ form_token: area.form.elements.form_token.value, text: area.value });
    look.textContent = "…";
    turn(true);
    try {
      const answer = await fetch(box.dataset.composer, { method: "POST", body });
      const text = await answer.text();
      // The hub's own rendering, made safe there like every comment.
      if (answer.ok) look.innerHTML = text || "<p>Nothing to show.</p>";
      else look.textContent = text;
    } catch {
      look.textContent = "The hub cannot be reached.";
    }
  });

  area.addEventListener("paste", (event) => {
    const found = files(event.clipboardData?.files);
    if (!found.length) return;
    event.preventDefault();
    for (const file of found) attach(area, file);
  });
  area.addEventListener("dragover", (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    box.classList.add("is-over");
  });
  area.addEventListener("dragleave", () => box.classList.remove("is-over"));
  area.addEventListener("drop", (event) => {
    box.classList.remove("is-over");
    const found = files(event.dataTransfer.files);
    if (!found.length) return;
    event.preventDefault();
    for (const file of found) attach(area, file);
  });
  chooser.addEventListener("change", () => {
    for (const file of files(chooser.files)) attach(area, file);
    chooser.value = "";
  });
  // Ctrl-Enter sends.
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) area.form.requestSubmit(area.form.querySelector("[type=submit]"));
  });
}

// What is typed survives a reload; it is forgotten when it is sent.
for (const form of document.querySelectorAll("form[data-keep]")) {
  const key = `hubkeep:${location.pathname}`;
  const area = form.querySelector("textarea");
  try {
    if (!area.value) area.value = sessionStorage.getItem(key) ?? "";
    area.addEventListener("input", () => sessionStorage.setItem(key, area.value));
    form.addEventListener("submit", () => sessionStorage.removeItem(key));
  } catch {
    // No storage: nothing is kept.
  }
}

// Quote what is selected of a comment, or all of it.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-quote]");
  const area = document.getElementById("hk-comment-text");
  if (!link || !area) return;
  event.preventDefault();
  const chosen = getSelection();
  const inside = chosen.rangeCount && link.closest("article").contains(chosen.anchorNode) ? chosen.toString().trim() : "";
  const raw = inside || document.querySelector(`template[data-raw="${link.dataset.quote}"]`).content.textContent;
  const quoted = raw.split("\n").map((line) => `> ${line}`).join("\n");
  area.setSelectionRange(area.value.length, area.value.length);
  insert(area, `${area.value && !area.value.endsWith("\n\n") ? "\n\n" : ""}${quoted}\n\n`);
  area.focus();
  area.scrollIntoView({ block: "center" });
});

// A link to a comment that is on another page of a long discussion leads there.
const talk = document.querySelector("[data-talk]");
function find() {
  const id = location.hash.slice(1);
  if (!talk || !/^[0-9a-f]{24}$/.test(id) || document.getElementById(id)) return;
  if (new URLSearchParams(location.search).get("at") !== id) location.replace(`${talk.dataset.talk}?at=${id}#${id}`);
}
addEventListener("hashchange", find);
find();
