// The code editor: CodeMirror 6 with what people keep on a hub, in the colours of the page it stands in.

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { cpp } from "@codemirror/lang-cpp";
import { css } from "@codemirror/lang-css";
import { html } from "@codemirror/lang-html";
import { javascript } from "@codemirror/lang-javascript";
import { json } from "@codemirror/lang-json";
import { markdown, markdownLanguage } from "@codemirror/lang-markdown";
import { python } from "@codemirror/lang-python";
import { rust } from "@codemirror/lang-rust";
import { xml } from "@codemirror/lang-xml";
import { yaml, yamlFrontmatter } from "@codemirror/lang-yaml";
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { dockerFile } from "@codemirror/legacy-modes/mode/dockerfile";
import { julia } from "@codemirror/legacy-modes/mode/julia";
import { lua } from "@codemirror/legacy-modes/mode/lua";
import { properties } from "@codemirror/legacy-modes/mode/properties";
import { r } from "@codemirror/legacy-modes/mode/r";
import { shell } from "@codemirror/legacy-modes/mode/shell";
import { toml } from "@codemirror/legacy-modes/mode/toml";
import { linter, lintGutter, lintKeymap } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState } from "@codemirror/state";
import { drawSelection, dropCursor, EditorView, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers, rectangularSelection } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const old = (mode) => StreamLanguage.define(mode);
const LANGUAGES = {
  c: cpp, cc: cpp, cpp: cpp, cu: cpp, cuh: cpp, h: cpp, hpp: cpp,
  css, htm: html, html, svg: xml, xml,
  js: javascript, mjs: javascript, cjs: javascript, jsx: () => javascript({ jsx: true }),
  ts: () => javascript({ typescript: true }), tsx: () => javascript({ jsx: true, typescript: true }),
  json, jsonl: json, ipynb: json, webmanifest: json,
  md: card, markdown: card, mdx: card,
  py: python, pyi: python, rs: rust, yaml, yml: yaml, cff: yaml,
  sh: () => old(shell), bash: () => old(shell), zsh: () => old(shell), toml: () => old(toml), lock: () => old(toml),
  ini: () => old(properties), cfg: () => old(properties), properties: () => old(properties), gitattributes: () => old(properties),
  jl: () => old(julia), lua: () => old(lua), r: () => old(r), dockerfile: () => old(dockerFile),
};

// Markdown with the YAML of a card on top.
function card() {
  return yamlFrontmatter({ content: markdown({ base: markdownLanguage }) });
}

function languageOf(path) {
  const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  const make = LANGUAGES[name.slice(name.lastIndexOf(".") + 1)];
  return make ? make() : [];
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
export function openEditor({ place, text, path, label, changed, check }) {
  const root = place.attachShadow({ mode: "open" });
  const language = new Compartment();
  const checked = new Compartment();
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
        language.of(languageOf(path)), checked.of([]),
        EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", autocapitalize: "off", autocorrect: "off" }),
        EditorView.updateListener.of((update) => update.docChanged && changed(update.state.doc.toString())),
      ],
    }),
  });
  return {
    get text() {
      return view.state.doc.toString();
    },
    /** The file is called something else now: another language, another check. */
    called(name, hasCheck) {
      view.dispatch({ effects: [
        language.reconfigure(languageOf(name)),
        checked.reconfigure(hasCheck ? [linter(marks, { delay: 600 }), lintGutter()] : []),
      ] });
    },
    goTo(number) {
      const line = view.state.doc.line(Math.min(Math.max(number, 1), view.state.doc.lines));
      view.dispatch({ selection: { anchor: line.from }, effects: EditorView.scrollIntoView(line.from, { y: "center" }) });
      view.focus();
    },
    focus: () => view.focus(),
  };
}
