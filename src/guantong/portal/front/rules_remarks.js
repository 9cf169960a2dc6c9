// Remarks of rows: dmn-js shows and writes the description of a rule, while a file may keep its remarks as
// annotations (DMN 1.3 and later). For the editor the first of these stands as the description, and goes back.
const named = (parent, name) => [...parent.children].filter((child) => child.localName === name);
const text = (entry) => (entry ? named(entry, "text").map((one) => one.textContent).join("") : "");

function rules(document) {
  const tables = [...document.getElementsByTagNameNS("*", "decisionTable")];
  return tables
    .map((table) => named(table, "rule"))
    // A table that has descriptions of its own is left as it is.
    .filter((rows) => rows.some((row) => named(row, "annotationEntry").length));
}

const read = (xml) => new DOMParser().parseFromString(xml, "application/xml");
const write = (document) => new XMLSerializer().serializeToString(document);

export function forEditor(xml) {
  const document = read(xml);
  for (const rows of rules(document)) {
    if (rows.some((row) => named(row, "description").length)) return { xml, moved: false };
    for (const row of rows) {
      const remark = document.createElementNS(row.namespaceURI, "description");
      remark.textContent = text(named(row, "annotationEntry")[0]);
      row.prepend(remark);
    }
  }
  return { xml: write(document), moved: true };
}

export function fromEditor(xml) {
  const document = read(xml);
  for (const rows of rules(document)) {
    for (const row of rows) {
      const [remark] = named(row, "description");
      let [entry] = named(row, "annotationEntry");
      if (!entry) {
        entry = document.createElementNS(row.namespaceURI, "annotationEntry");
        row.append(entry);
      }
      const holder = document.createElementNS(row.namespaceURI, "text");
      holder.textContent = remark?.textContent ?? "";
      entry.replaceChildren(holder);
      remark?.remove();
    }
  }
  return write(document);
}
