// What scrolls sideways can be reached and scrolled by keyboard; a bar of links begins where its current one is seen.

for (const box of document.querySelectorAll(".prose pre, .prose .math, .prose .formula-block, .cell-in, .cell-out, .blame, .table, .snippet pre, .source, .diff-lines, .tabs")) {
  if (box.scrollWidth <= box.clientWidth || box.querySelector("a, button")) continue;
  box.tabIndex = 0;
  if (!box.hasAttribute("role")) {
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", box.dataset.label ?? "Scrolls sideways");
  }
}

for (const here of document.querySelectorAll(".tabs [aria-current], .settings-nav [aria-current]")) {
  const bar = here.closest(".tabs, ul");
  const room = (bar.clientWidth - here.clientWidth) / 2;
  bar.scrollLeft += here.getBoundingClientRect().left - bar.getBoundingClientRect().left - room;
}
