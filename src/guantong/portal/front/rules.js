// The graphical editor of a draft: dmn-js over the file as text that the form holds, and back into it.
// Everything it does can be done without it, in the cells below or in the text.
import "dmn-js/dist/assets/dmn-js-shared.css";
import "dmn-js/dist/assets/dmn-js-decision-table.css";
import "dmn-js/dist/assets/dmn-js-decision-table-controls.css";
import "dmn-js/dist/assets/dmn-js-literal-expression.css";
import "dmn-js/dist/assets/dmn-font/css/dmn.css";
import "./rules.css";
import EditingManager from "dmn-js-shared/lib/base/EditingManager";
import { is } from "dmn-js-shared/lib/util/ModelUtil";
import TableEditor from "dmn-js-decision-table/lib/Editor";
import FormulaEditor from "dmn-js-literal-expression/lib/Editor";
import { forEditor, fromEditor } from "./rules_remarks.js";
import { translate } from "./rules_words.js";

// Tables and formulas; the picture of requirements stands on the page of the table.
class Editor extends EditingManager {
  _getViewProviders() {
    const opens = (type) => (element) => is(element, "dmn:Decision") && is(element.decisionLogic, type);
    return [
      { id: "decisionTable", constructor: TableEditor, opens: opens("dmn:DecisionTable") },
      { id: "literalExpression", constructor: FormulaEditor, opens: opens("dmn:LiteralExpression") },
    ];
  }
}

const box = document.getElementById("modeler");
const text = document.getElementById("draft-xml");
if (box && text) prepare(box, text);

function prepare(box, text) {
  const part = (name) => box.querySelector(`[data-${name}]`);
  const [canvas, open, save, close, views, note] = ["canvas", "open", "save", "close", "views", "note"].map(part);
  const plain = document.querySelector("[data-plain]");
  const { own, editor: theirs, failed } = box.dataset;
  const words = { translate: ["value", translate(document.documentElement.lang)] };
  // Whoever types and saves at once must not lose the last words to a delay.
  const more = { additionalModules: [words], debounceInput: false };
  let editor;
  let saved = false;
  let moved = false;
  box.hidden = false;

  async function show() {
    editor = new Editor({ container: canvas, decisionTable: more, literalExpression: more, keyboard: { bindTo: canvas } });
    editor.on("views.changed", ({ views: found, activeView }) => list(found, activeView));
    canvas.hidden = false;
    try {
      const shown = forEditor(text.value.replaceAll(own, theirs));
      moved = shown.moved;
      const { warnings } = await editor.importXML(shown.xml);
      // A part that the editor does not know would be lost when it is saved.
      if (warnings.length) throw new Error(warnings.map((one) => one.message).join("; "));
    } catch {
      leave();
      note.textContent = failed;
      open.disabled = true;
      return;
    }
    for (const [element, shown] of [[open, false], [save, true], [close, true]]) element.hidden = !shown;
    plain.hidden = true;
    box.dataset.ready = "";
  }

  function list(found, active) {
    views.replaceChildren(
      ...(found.length > 1 ? found : []).map((view) => {
        const item = document.createElement("li");
        const button = Object.assign(document.createElement("button"), { type: "button", className: "chip", textContent: view.name });
        if (view === active) button.setAttribute("aria-current", "true");
        button.addEventListener("click", () => editor.open(view));
        item.append(button);
        return item;
      }),
    );
  }

  function leave() {
    editor?.destroy();
    editor = undefined;
    canvas.hidden = true;
    canvas.replaceChildren();
    views.replaceChildren();
    for (const [element, shown] of [[open, true], [save, false], [close, false]]) element.hidden = !shown;
    plain.hidden = false;
    delete box.dataset.ready;
  }

  open.addEventListener("click", show);
  close.addEventListener("click", leave);
  save.addEventListener("click", async (event) => {
    if (saved || !editor) return;
    event.preventDefault();
    document.activeElement?.blur(); // what is being typed belongs to it
    const { xml } = await editor.saveXML({ format: true });
    text.value = (moved ? fromEditor(xml) : xml).replaceAll(theirs, own);
    saved = true;
    save.form.requestSubmit(save);
  });
}
