// Copy buttons: <button data-copy="text"> or <button data-copy-from="id">; code blocks of cards get one of their own.

const told = document.querySelector("[data-announce]");

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-from]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copyFrom);
  try {
    await navigator.clipboard.writeText((source?.textContent ?? button.dataset.copy).trimEnd());
  } catch {
    // No clipboard without HTTPS: select the text instead, ready for Ctrl-C.
    if (source) getSelection().selectAllChildren(source);
    return;
  }
  button.classList.add("is-done");
  told.textContent = "Copied";
  setTimeout(() => {
    button.classList.remove("is-done");
    told.textContent = "";
  }, 1600);
});

const pattern = document.querySelector("template[data-copy-button]");
const blocks = pattern ? document.querySelectorAll(".prose pre > code") : [];
for (const [number, code] of blocks.entries()) {
  const button = pattern.content.firstElementChild.cloneNode(true);
  button.dataset.copyFrom = code.id = `hk-code-${number}`;
  const box = document.createElement("div");
  const block = code.parentElement;
  box.className = "copyable";
  block.replaceWith(box);
  box.append(block, button);
}
