// Things in a collection are put into order by dragging. The arrows beside them do the same, by keyboard and without this.

for (const list of document.querySelectorAll("[data-order]")) {
  let held = null;
  const items = () => [...list.querySelectorAll("[data-item]")];
  const clear = () => items().forEach((item) => item.classList.remove("is-target", "is-held"));
  for (const item of items()) item.draggable = true;
  list.addEventListener("dragstart", (event) => {
    held = event.target.closest("[data-item]");
    if (!held || event.target.closest("textarea")) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", held.dataset.item);
    held.classList.add("is-held");
  });
  list.addEventListener("dragover", (event) => {
    const over = event.target.closest("[data-item]");
    if (!held || !over) return;
    event.preventDefault();
    items().forEach((item) => item.classList.toggle("is-target", item === over && item !== held));
  });
  list.addEventListener("dragend", clear);
  list.addEventListener("drop", (event) => {
    const over = event.target.closest("[data-item]");
    event.preventDefault();
    clear();
    if (!held || !over || over === held) return;
    const form = held.querySelector("form");
    const place = document.createElement("input");
    place.type = "hidden";
    place.name = "position";
    place.value = over.dataset.place;
    form.append(place);
    form.submit();
  });
}
