// The flow picture of a case: the process as drawn, the steps done and the current one marked.
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "./flow.css";
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";

const split = (text) => (text || "").split(/[\s,]+/).filter(Boolean);

async function show(element) {
  const { bpmn, done, current, failed } = element.dataset;
  const viewer = new NavigatedViewer({ container: element });
  try {
    const answer = await fetch(bpmn, { credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    await viewer.importXML(await answer.text());
  } catch {
    // The list of steps under the picture says the same; the page loses nothing but the drawing.
    viewer.destroy();
    element.textContent = failed;
    return;
  }
  const canvas = viewer.get("canvas");
  const registry = viewer.get("elementRegistry");
  const mark = (ids, name) => ids.filter((id) => registry.get(id)).forEach((id) => canvas.addMarker(id, name));
  const now = split(current);
  mark(split(done).filter((id) => !now.includes(id)), "done");
  mark(now, "current");

  const fit = () => {
    canvas.zoom("fit-viewport", "auto");
    canvas.zoom(Math.min(1.2, canvas.zoom() * 0.94), "auto");
  };
  fit();
  // A wide process on a phone is unreadable as a whole: start at the current step instead.
  const shape = now.map((id) => registry.get(id)).find(Boolean);
  if (shape && canvas.zoom() < 0.45) {
    canvas.zoom(0.7, { x: shape.x + shape.width / 2, y: shape.y + shape.height / 2 });
    canvas.scrollToElement?.(shape);
  }

  element.addEventListener("keydown", (event) => {
    const step = 60;
    const moves = { ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
    if (event.key in moves) canvas.scroll({ dx: moves[event.key][0], dy: moves[event.key][1] });
    else if (event.key === "+" || event.key === "=") canvas.zoom(canvas.zoom() * 1.2);
    else if (event.key === "-") canvas.zoom(canvas.zoom() / 1.2);
    else if (event.key === "0") fit();
    else return;
    event.preventDefault();
  });
  element.dataset.ready = "";
}

document.querySelectorAll("[data-bpmn]").forEach(show);
