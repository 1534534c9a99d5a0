// The search box at the top offers what a few letters may mean. Without this, it is a form that leads to a page.

const box = document.querySelector(".top-search input");
const list = document.querySelector(".suggestions");
const WAIT = 120; // ms without a key before asking

const KINDS = { models: "", datasets: "datasets/", spaces: "spaces/" };
let waiting, asking, active = -1;

function options(found) {
  const owners = [...found.orgs.map((org) => org.name), ...found.users.map((user) => user.user)];
  return [
    ...Object.entries(KINDS).flatMap(([kind, prefix]) =>
      found[kind].map(({ id }) => ({ text: id, path: `/${prefix}${id}`, kind: kind.slice(0, -1) })),
    ),
    ...owners.map((name) => ({ text: name, path: `/${name}`, kind: "user" })),
    ...found.collections.map(({ title, slug }) => ({ text: title, path: `/collections/${slug}`, kind: "collection" })),
  ];
}

function show(found) {
  list.replaceChildren(
    ...found.map(({ text, path, kind }, number) => {
      const item = list.ownerDocument.importNode(list.previousElementSibling.content, true).firstElementChild;
      item.id = `hk-option-${number}`;
      item.dataset.path = path;
      item.classList.add(`kind-${kind}`);
      item.querySelector("use").setAttribute("href", list.dataset.icons + kind);
      item.querySelector("span").textContent = text;
      return item;
    }),
  );
  choose(-1);
  open(found.length > 0);
}

function open(yes) {
  list.hidden = !yes;
  box.setAttribute("aria-expanded", String(yes));
  if (!yes) choose(-1);
}

function choose(number) {
  active = number;
  for (const [at, item] of [...list.children].entries()) item.setAttribute("aria-selected", String(at === number));
  if (number < 0) box.removeAttribute("aria-activedescendant");
  else box.setAttribute("aria-activedescendant", `hk-option-${number}`);
}

async function ask() {
  const text = box.value.trim();
  asking?.abort();
  if (!text) return open(false);
  asking = new AbortController();
  const query = new URLSearchParams({ q: text, limit: "4", type: "model,dataset,space,user,org,collection" });
  try {
    const answer = await fetch(`/api/quicksearch?${query}`, { signal: asking.signal });
    if (answer.ok) show(options(await answer.json()));
  } catch {
    open(false); // gone, or another question came first
  }
}

if (box && list) {
  box.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, WAIT);
  });
  box.addEventListener("keydown", (event) => {
    const count = list.hidden ? 0 : list.children.length;
    if (event.key === "Escape") open(false);
    else if (event.key === "ArrowDown" && count) choose((active + 1) % count);
    else if (event.key === "ArrowUp" && count) choose(active > 0 ? active - 1 : count - 1);
    else if (event.key === "Enter" && active >= 0) location.assign(list.children[active].dataset.path);
    else return;
    event.preventDefault();
  });
  list.addEventListener("pointerdown", (event) => {
    const item = event.target.closest("[data-path]");
    if (item) location.assign(item.dataset.path);
  });
  document.addEventListener("keydown", (event) => {
    const writing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || writing) return;
    box.focus();
    box.select();
    event.preventDefault();
  });
  box.addEventListener("blur", () => setTimeout(() => open(false), 150));
}
