// A list whose lines are chosen by boxes: one more box chooses them all.

for (const form of document.querySelectorAll("form[data-choices]")) {
  const label = form.querySelector("[data-all]");
  const all = label.querySelector("input");
  const boxes = [...form.querySelectorAll("li input[type=checkbox]")];
  label.hidden = false;
  all.addEventListener("change", () => boxes.forEach((box) => (box.checked = all.checked)));
  form.addEventListener("change", () => {
    const chosen = boxes.filter((box) => box.checked).length;
    all.checked = chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  });
}
