// What scrolls sideways can be reached and scrolled by keyboard.

for (const box of document.querySelectorAll(".prose pre, .prose .math, .prose .formula-block, .cell-in, .cell-out, .blame, .table, .snippet pre, .source, .diff-lines, .tabs")) {
  if (box.scrollWidth <= box.clientWidth || box.querySelector("a, button")) continue;
  box.tabIndex = 0;
  if (!box.hasAttribute("role")) {
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", box.dataset.label ?? "Scrolls sideways");
  }
}
