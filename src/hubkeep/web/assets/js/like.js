// The heart answers at once, and the page stays where it is. Without this, it is a form.

for (const form of document.querySelectorAll("form[data-like]")) {
  const button = form.querySelector("button");
  const shown = form.querySelector("[data-count]");
  const link = shown.parentElement;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const on = form.elements.on.value === "1";
    button.disabled = true;
    try {
      const answer = await fetch(form.dataset.like, { method: on ? "POST" : "DELETE" });
      if (!answer.ok) return form.submit();
      const count = Number(link.dataset.likes) + (on ? 1 : -1);
      link.dataset.likes = String(count);
      if (count < 1000) shown.textContent = String(count);
      button.setAttribute("aria-pressed", String(on));
      button.querySelector("span").textContent = on ? "Liked" : "Like";
      form.elements.on.value = on ? "0" : "1";
    } catch {
      form.submit();
    } finally {
      button.disabled = false;
      button.focus();
    }
  });
}
