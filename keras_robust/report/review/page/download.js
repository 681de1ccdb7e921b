// The decisions as a file for `LabelIssues.apply`.

function decidedRows() {
  const rows = [];
  decisions.forEach((decision, card) => {
    if (decision) rows.push({ id: page.ids[card], decision: decision.word, label: decision.label });
  });
  return rows;
}

function quoted(text) {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function asCsv() {
  const lines = ["id,decision,label,run"];
  for (const { id, decision, label } of decidedRows()) {
    lines.push([quoted(id), decision, label === null ? "" : label, page.run].join(","));
  }
  return `${lines.join("\n")}\n`;
}

function asJson() {
  return `${JSON.stringify({ run: page.run, classes: page.classes, decisions: decidedRows() }, null, 1)}\n`;
}

function save(name, type, text) {
  const link = make("a");
  link.download = name;
  link.href = URL.createObjectURL(new Blob([text], { type }));
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  say(`${numDecided.toLocaleString("en")} decisions in ${name}.`);
}

function startDownloads() {
  byId("save-csv").addEventListener("click", () => save("decisions.csv", "text/csv", asCsv()));
  byId("save-json").addEventListener("click", () => save("decisions.json", "application/json", asJson()));
}
