// Diagrams of a card: each is drawn in a frame without an origin; its text stays, folded away. One that cannot be drawn stays text.

const most = 30;
const dark = () =>
  document.documentElement.dataset.theme === "dark" ||
  (!document.documentElement.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
const colours = () => {
  const probe = document.body.appendChild(document.createElement("span"));
  const found = {};
  for (const name of ["ink", "ink-soft", "line-strong", "surface", "sunken", "accent", "accent-wash", "copper-wash"]) {
    probe.style.color = `var(--${name})`;
    found[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  return found;
};
const number = (value) => (Number.isFinite(value) ? Math.min(Math.max(value, 40), 3000) : 300);

for (const block of [...document.querySelectorAll(".prose pre.diagram")].slice(0, most)) {
  const source = block.textContent;
  const frame = document.createElement("iframe");
  frame.className = "diagram-frame";
  frame.title = "Diagram";
  frame.setAttribute("sandbox", "allow-scripts");
  frame.src = "/-/diagram";
  const box = block.closest(".copyable") ?? block;
  box.before(frame);
  addEventListener("message", (event) => {
    if (event.source !== frame.contentWindow) return;
    if (event.data?.ready) frame.contentWindow.postMessage({ source, dark: dark(), colours: colours() }, "*");
    else if (event.data?.failed) frame.remove();
    else {
      frame.style.height = `${number(event.data?.height)}px`;
      frame.style.maxWidth = `${number(event.data?.width)}px`;
      fold(frame, box);
    }
  });
}

function fold(frame, box) {
  if (box.parentElement?.classList.contains("diagram-text")) return;
  const folded = document.createElement("details");
  folded.className = "diagram-text";
  const summary = document.createElement("summary");
  summary.textContent = "As text";
  folded.append(summary);
  box.before(folded);
  folded.append(box);
}
