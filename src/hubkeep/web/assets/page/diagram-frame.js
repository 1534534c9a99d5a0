// Runs in the frame: draws the one diagram that the page around it sends, and tells how high it became.

addEventListener("message", async (event) => {
  if (event.source !== parent || typeof event.data?.source !== "string") return;
  const { source, dark, colours = {} } = event.data;
  let answer;
  try {
    mermaid.initialize({
      startOnLoad: false,
      securityLevel: "strict",
      theme: "base",
      themeVariables: {
        darkMode: dark,
        background: colours.surface,
        primaryColor: colours["accent-wash"],
        primaryBorderColor: colours.accent,
        primaryTextColor: colours.ink,
        secondaryColor: colours["copper-wash"],
        tertiaryColor: colours.sunken,
        lineColor: colours["line-strong"],
        textColor: colours.ink,
        edgeLabelBackground: colours.surface,
        noteBkgColor: colours["copper-wash"],
        noteTextColor: colours.ink,
      },
      fontFamily: "ui-sans-serif, system-ui, sans-serif",
      maxTextSize: 50000,
      maxEdges: 500,
      htmlLabels: false,
      flowchart: { htmlLabels: false },
    });
    const { svg } = await mermaid.render("diagram", source);
    document.body.innerHTML = svg;
    const drawn = document.querySelector("svg");
    drawn.removeAttribute("height");
    const box = drawn.viewBox.baseVal;
    const natural = box.width || drawn.getBoundingClientRect().width;
    const tell = () => parent.postMessage({ height: Math.ceil(drawn.getBoundingClientRect().height), width: Math.ceil(natural) }, "*");
    new ResizeObserver(tell).observe(drawn);
    answer = { height: Math.ceil(drawn.getBoundingClientRect().height), width: Math.ceil(natural) };
  } catch (error) {
    answer = { failed: String(error?.message ?? error).slice(0, 300) };
  }
  parent.postMessage(answer, "*");
});
parent.postMessage({ ready: true }, "*");
