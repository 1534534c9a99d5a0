// The form above a card, kept in step with its text: what is chosen goes into the text at once, and what is typed into the text is
// shown in the form. The server puts one into the other, so both say the same with and without a script.

const WAIT = 500; // ms without a key before the form reads the text again
const ASK = 150; // ms without a key before the hub is asked for names
let numbers = 0;

/** `text()` returns the text, `put(text)` puts another one in. Returns a function to call when the text was changed by hand. */
export function metadata(form, { text, put }) {
  const panel = form.querySelector("[data-metadata]");
  if (!panel) return () => {};
  let asking, waiting, mine = false;

  async function send() {
    clearTimeout(waiting);
    asking?.abort();
    asking = new AbortController();
    const before = text();
    const fields = new URLSearchParams(new FormData(form));
    fields.set("do", "metadata");
    try {
      const answer = await fetch(form.getAttribute("action"), { method: "POST", body: fields, signal: asking.signal });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-metadata] > .panel-body");
      const area = page.querySelector("textarea[name=text]");
      if (!fresh || !area) return;
      if (text() !== before) return send(); // somebody types faster than we ask
      mine = true;
      if (area.value !== before.replace(/\r\n?/g, "\n")) put(area.value);
      mine = false;
      if (!busy(fields)) renew(fresh);
    } catch (error) {
      mine = false;
      if (error.name !== "AbortError") throw error;
    }
  }

  // Somebody is in the middle of a word: it is not taken from under their hands. What they choose next is sent with the rest.
  function busy(fields) {
    const box = panel.ownerDocument.activeElement;
    if (!panel.contains(box) || box.tagName !== "INPUT") return false;
    return box.name ? box.value !== fields.get(box.name) : box.value !== "";
  }

  // The fields are put in anew, but not the one that somebody is in: they keep their place.
  function renew(fresh) {
    const body = panel.querySelector(".panel-body");
    const key = document.activeElement?.closest?.("[data-field]")?.dataset.field;
    body.replaceWith(document.importNode(fresh, true));
    dress(panel);
    if (key) panel.querySelector(`[data-field="${CSS.escape(key)}"] :is(input, select):not([type=hidden], [hidden])`)?.focus();
  }

  panel.addEventListener("change", (event) => {
    if (event.target.name?.startsWith("meta.")) send();
  });
  dress(panel);
  // On a small screen the text would begin far below.
  if (matchMedia("(max-width: 40rem)").matches && !panel.querySelector("[role=alert], [aria-invalid]")) panel.open = false;

  return () => {
    if (mine) return;
    clearTimeout(waiting);
    waiting = setTimeout(send, WAIT);
  };
}

function dress(panel) {
  for (const hint of panel.querySelectorAll("[data-without-script]")) hint.hidden = true;
  for (const part of panel.querySelectorAll("[data-shown-with]")) {
    const [name, value] = part.dataset.shownWith.split("=");
    part.hidden = part.closest("form").elements[name]?.value !== value;
  }
  for (const field of panel.querySelectorAll("[data-asks]")) if (!("many" in field.dataset)) suggest(field, field.querySelector("[name^='meta.']"));
  for (const field of panel.querySelectorAll("[data-many]")) chips(field);
}

// Several values: each is a chip with a button to take it out, and a box adds one more. The box of the form holds them all.
function chips(field) {
  const all = field.querySelector("[name^='meta.']");
  if (!all) return;
  const label = field.querySelector("label");
  const list = field.ownerDocument.createElement("ul");
  list.className = "metadata-chips";
  const box = all.cloneNode();
  const hint = all.placeholder;
  box.removeAttribute("name");
  box.removeAttribute("value");
  box.value = "";
  all.hidden = true;
  all.removeAttribute("id");
  const values = () => all.value.split(",").map((word) => word.trim()).filter(Boolean);
  const say = (next) => {
    all.value = [...new Set(next)].join(", ");
    draw();
    all.dispatchEvent(new Event("change", { bubbles: true }));
  };
  function draw() {
    box.placeholder = values().length ? "Add another" : hint;
    list.replaceChildren(
      ...values().map((value) => {
        const item = field.ownerDocument.createElement("li");
        item.className = "chip";
        const gone = field.ownerDocument.createElement("button");
        gone.type = "button";
        gone.className = "chip-out";
        gone.setAttribute("aria-label", `Take ${value} out of ${label.textContent}`);
        gone.textContent = "×";
        gone.addEventListener("click", () => {
          box.focus();
          say(values().filter((word) => word !== value));
        });
        item.append(value, gone);
        return item;
      }),
    );
  }
  const add = () => {
    const words = box.value.split(",").map((word) => word.trim()).filter(Boolean);
    box.value = "";
    if (words.length) say([...values(), ...words]);
  };
  box.addEventListener("keydown", (event) => {
    if ((event.key === "Enter" || event.key === ",") && box.value.trim()) {
      event.preventDefault();
      add();
    } else if (event.key === "Enter") event.preventDefault();
    else if (event.key === "Backspace" && !box.value) say(values().slice(0, -1));
  });
  box.addEventListener("input", (event) => {
    // Chosen from the list: browsers say so by replacing all of it, or say nothing of how.
    if (event.inputType === "insertReplacementText" || event.inputType === undefined) add();
  });
  box.addEventListener("change", (event) => {
    event.stopPropagation();
    add();
  });
  draw();
  all.before(list, box);
  if (field.dataset.asks) suggest(field, box);
}

// Names of models and datasets, asked of the hub while one types.
function suggest(field, box) {
  if (!box) return;
  const plural = `${field.dataset.asks}s`;
  const list = field.ownerDocument.createElement("datalist");
  list.id = `hk-names-${(numbers += 1)}`;
  field.append(list);
  box.setAttribute("list", list.id);
  let waiting, asking;
  box.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      asking?.abort();
      if (!box.value.trim()) return list.replaceChildren();
      asking = new AbortController();
      const query = new URLSearchParams({ q: box.value.trim(), limit: "8", type: field.dataset.asks });
      try {
        const answer = await fetch(`/api/quicksearch?${query}`, { signal: asking.signal });
        const found = answer.ok ? (await answer.json())[plural] : [];
        list.replaceChildren(...found.map(({ id }) => Object.assign(field.ownerDocument.createElement("option"), { value: id })));
      } catch {
        // gone, or another question came first
      }
    }, ASK);
  });
}
