// A button that destroys something wakes up when the name was typed; the server checks it all the same.

for (const box of document.querySelectorAll("[data-must-equal]")) {
  const button = box.form.querySelector("[type=submit]");
  const check = () => (button.disabled = box.value.trim() !== box.dataset.mustEqual);
  box.addEventListener("input", check);
  check();
}

// Fields that belong to one choice are shown with it: <div data-when="kind=space">.
for (const part of document.querySelectorAll("[data-when]")) {
  const [name, value] = part.dataset.when.split("=");
  const show = () => (part.hidden = part.closest("form").elements[name].value !== value);
  part.closest("form").addEventListener("change", show);
  show();
}
