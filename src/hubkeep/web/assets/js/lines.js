// Lines of a file: a click on a number marks the line, with Shift a range; #L3-L8 in the address marks it again.

const source = document.querySelector("[data-lines]");
const range = /^#L(\d+)(?:-L(\d+))?$/;

function mark() {
  const found = range.exec(location.hash);
  for (const line of source.querySelectorAll(".is-marked")) line.classList.remove("is-marked");
  if (!found) return;
  const [first, last] = [Number(found[1]), Number(found[2] ?? found[1])].sort((a, b) => a - b);
  for (let number = first; number <= Math.min(last, first + 5000); number++) {
    document.getElementById(`L${number}`)?.classList.add("is-marked");
  }
  if (found[2]) document.getElementById(`L${first}`)?.scrollIntoView({ block: "center" });
}

if (source) {
  source.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#L']");
    const found = range.exec(location.hash);
    if (!link || !event.shiftKey || !found) return;
    event.preventDefault();
    const ends = [Number(found[1]), Number(link.getAttribute("href").slice(2))].sort((a, b) => a - b);
    history.replaceState(null, "", `#L${ends[0]}-L${ends[1]}`);
    mark();
  });
  addEventListener("hashchange", mark);
  mark();
}
