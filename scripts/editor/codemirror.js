// The code editor: CodeMirror 6 with what people keep on a hub, in the colours of the page it stands in.

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { linter, lintGutter, lintKeymap } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState } from "@codemirror/state";
import { drawSelection, dropCursor, EditorView, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers, rectangularSelection } from "@codemirror/view";
import { tags } from "@lezer/highlight";

// Languages are files of their own, loaded for the file that needs them.
const old = (load, name) => () => load().then((mode) => StreamLanguage.define(mode[name]));
const cpp = () => import("@codemirror/lang-cpp").then((its) => its.cpp());
const html = () => import("@codemirror/lang-html").then((its) => its.html());
const xml = () => import("@codemirror/lang-xml").then((its) => its.xml());
const json = () => import("@codemirror/lang-json").then((its) => its.json());
const python = () => import("@codemirror/lang-python").then((its) => its.python());
const yaml = () => import("@codemirror/lang-yaml").then((its) => its.yaml());
const script = (more) => () => import("@codemirror/lang-javascript").then((its) => its.javascript(more));
const shell = old(() => import("@codemirror/legacy-modes/mode/shell"), "shell");
const toml = old(() => import("@codemirror/legacy-modes/mode/toml"), "toml");
const properties = old(() => import("@codemirror/legacy-modes/mode/properties"), "properties");
const LANGUAGES = {
  c: cpp, cc: cpp, cpp, cu: cpp, cuh: cpp, h: cpp, hpp: cpp,
  css: () => import("@codemirror/lang-css").then((its) => its.css()), htm: html, html, svg: xml, xml,
  js: script({}), mjs: script({}), cjs: script({}), jsx: script({ jsx: true }), ts: script({ typescript: true }), tsx: script({ jsx: true, typescript: true }),
  json, jsonl: json, ipynb: json, webmanifest: json,
  md: card, markdown: card, mdx: card,
  py: python, pyi: python, rs: () => import("@codemirror/lang-rust").then((its) => its.rust()), yaml, yml: yaml, cff: yaml,
  sh: shell, bash: shell, zsh: shell, toml, lock: toml, ini: properties, cfg: properties, properties, gitattributes: properties,
  jl: old(() => import("@codemirror/legacy-modes/mode/julia"), "julia"), lua: old(() => import("@codemirror/legacy-modes/mode/lua"), "lua"),
  r: old(() => import("@codemirror/legacy-modes/mode/r"), "r"), dockerfile: old(() => import("@codemirror/legacy-modes/mode/dockerfile"), "dockerFile"),
};

// Markdown with the YAML of a card on top.
async function card() {
  const [{ yamlFrontmatter }, { markdown, markdownLanguage }] = await Promise.all([import("@codemirror/lang-yaml"), import("@codemirror/lang-markdown")]);
  return yamlFrontmatter({ content: markdown({ base: markdownLanguage }) });
}

// The language that a file's name tells, undefined for plain text.
function languageOf(path) {
  const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  return LANGUAGES[name.slice(name.lastIndexOf(".") + 1)];
}

// The tokens of the design system reach into the shadow root as custom properties.
const colours = HighlightStyle.define([
  { tag: [tags.comment, tags.meta, tags.processingInstruction], color: "var(--syn-comment)", fontStyle: "italic" },
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: "var(--syn-keyword)" },
  { tag: [tags.string, tags.special(tags.string), tags.inserted], color: "var(--syn-string)" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom, tags.deleted], color: "var(--syn-number)" },
  { tag: [tags.function(tags.definition(tags.variableName)), tags.definition(tags.className), tags.propertyName, tags.attributeName, tags.labelName], color: "var(--syn-name)" },
  { tag: [tags.standard(tags.variableName), tags.typeName, tags.tagName, tags.className], color: "var(--syn-built-in)" },
  { tag: tags.heading, fontWeight: "700" },
  { tag: tags.strong, fontWeight: "700" },
  { tag: tags.emphasis, fontStyle: "italic" },
  { tag: [tags.link, tags.url], color: "var(--accent)", textDecoration: "underline" },
]);

const look = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--surface)", fontSize: "var(--t-1)" },
  "&.cm-focused": { outline: "2px solid var(--focus)", outlineOffset: "-2px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.6", minHeight: "24rem", maxHeight: "70vh" },
  ".cm-content": { caretColor: "var(--accent)", padding: "var(--s2) 0" },
  ".cm-cursor": { borderLeftColor: "var(--accent)", borderLeftWidth: "2px" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--ink-soft)", border: "0" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--accent-wash) 45%, transparent)" },
  ".cm-activeLineGutter": { backgroundColor: "transparent", color: "var(--accent-strong)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "color-mix(in srgb, var(--accent) 28%, transparent)" },
  ".cm-selectionMatch, .cm-searchMatch": { backgroundColor: "var(--copper-wash)" },
  ".cm-searchMatch-selected": { outline: "1px solid var(--copper)" },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": { backgroundColor: "var(--accent-wash)", outline: "1px solid var(--accent)" },
  ".cm-panels": { backgroundColor: "var(--paper)", color: "var(--ink)", borderColor: "var(--line)" },
  ".cm-panels input, .cm-panels button": { font: "inherit", color: "inherit", background: "var(--raised)", border: "1px solid var(--line-strong)", borderRadius: "var(--r1)" },
  ".cm-panel.cm-search": { padding: "var(--s2)" },
  ".cm-tooltip": { backgroundColor: "var(--raised)", color: "var(--ink)", border: "1px solid var(--line)" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
});

// Typing over several selected lines: left to the browser, Chromium would copy their style into the text, which the page's
// Content-Security-Policy refuses, and complains of.
const typedOver = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { from, to } = view.state.selection.main;
    const text = event.data;
    const lines = view.state.doc.lineAt(from).to < to;
    if (event.inputType !== "insertText" || !text || !lines || view.composing || view.state.selection.ranges.length > 1) return false;
    const made = () => view.state.update({ ...view.state.replaceSelection(text), userEvent: "input.type", scrollIntoView: true });
    if (!view.state.facet(EditorView.inputHandler).some((handler) => handler(view, from, to, text, made))) view.dispatch(made());
    event.preventDefault();
    return true;
  },
});

/**
 * Open an editor in `place`, in a shadow root of its own: there its style sheets are constructed, which a strict
 * Content-Security-Policy allows, and the page's own rules do not reach in.
 *
 * `check(text)` returns (a promise of) [{line, text}]: faults to mark. `changed(text)` is called after every change of the text.
 */
export function openEditor({ place, text, label, changed, check }) {
  const root = place.attachShadow({ mode: "open" });
  const language = new Compartment();
  const checked = new Compartment();
  let loaded;
  const marks = (view) => (check ? Promise.resolve(check(view.state.doc.toString())) : Promise.resolve([])).then((faults) =>
    faults.map((fault) => {
      const line = view.state.doc.line(Math.min(Math.max(fault.line, 1), view.state.doc.lines));
      return { from: line.from, to: line.to, severity: "error", message: fault.text };
    }),
  );
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(), highlightActiveLineGutter(), highlightSpecialChars(), history(), drawSelection(), dropCursor(),
        EditorState.allowMultipleSelections.of(true), indentOnInput(), indentUnit.of("    "), EditorState.tabSize.of(4),
        bracketMatching(), closeBrackets(), autocompletion({ activateOnTyping: false }), rectangularSelection(), highlightActiveLine(),
        highlightSelectionMatches(), search({ top: true }), syntaxHighlighting(colours), look, typedOver,
        // Tab moves on, as everywhere on the page: nobody is caught in the editor.
        keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...completionKeymap, ...lintKeymap]),
        language.of([]), checked.of([]),
        EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0", spellcheck: "false", autocapitalize: "off", autocorrect: "off" }),
        EditorView.updateListener.of((update) => update.docChanged && changed(update.state.doc.toString())),
      ],
    }),
  });
  return {
    get text() {
      return view.state.doc.toString();
    },
    /** The file is called something else now: another language, another check. */
    async called(name, hasCheck) {
      view.dispatch({ effects: checked.reconfigure(hasCheck ? [linter(marks, { delay: 600 }), lintGutter()] : []) });
      const load = languageOf(name);
      if (load === loaded) return;
      loaded = load;
      const support = load ? await load().catch(() => []) : []; // no colours is no reason not to edit
      if (load === loaded) view.dispatch({ effects: language.reconfigure(support) });
    },
    goTo(number) {
      const line = view.state.doc.line(Math.min(Math.max(number, 1), view.state.doc.lines));
      view.dispatch({ selection: { anchor: line.from }, effects: EditorView.scrollIntoView(line.from, { y: "center" }) });
      view.focus();
    },
    /** Put another text in, changing no more than what differs: the cursor and the way back stay. */
    put(next) {
      const now = view.state.doc.toString();
      const most = Math.min(now.length, next.length);
      let from = 0;
      while (from < most && now[from] === next[from]) from += 1;
      let same = 0;
      while (same < most - from && now[now.length - 1 - same] === next[next.length - 1 - same]) same += 1;
      if (now !== next) view.dispatch({ changes: { from, to: now.length - same, insert: next.slice(from, next.length - same) } });
    },
    focus: () => view.focus(),
  };
}
