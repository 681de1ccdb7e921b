// What there is to see, read or hear of a sample.

function pictured(uri, name) {
  const image = make("img");
  image.alt = name;
  image.decoding = "async";
  // Small images are looked at pixel by pixel.
  image.addEventListener("load", () => {
    image.classList.toggle("exact", Math.max(image.naturalWidth, image.naturalHeight) <= 32);
  });
  image.src = uri;
  return image;
}

function sounding([uri, cut], name) {
  const box = make("div", undefined, "sound");
  const audio = make("audio");
  audio.controls = true;
  audio.preload = "none";
  audio.setAttribute("aria-label", name);
  audio.src = uri;
  box.append(audio);
  if (cut) box.append(make("p", `The last ${cut} seconds are not in this page.`, "note"));
  return box;
}

function written([text, cut]) {
  const box = make("div", undefined, "text");
  box.tabIndex = 0;
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", "Text");
  box.dir = "auto";
  box.textContent = text;
  if (cut) box.append(make("p", `${cut.toLocaleString("en")} more characters are not in this page.`, "note"));
  return box;
}

// A table whose first column names the features.
function tabled(heads, columns) {
  const table = make("table");
  const head = make("tr");
  head.append(make("th", "Column"));
  for (const text of heads) head.append(make("th", text));
  table.append(make("thead"), make("tbody"));
  table.tHead.append(head);
  page.columns.forEach((column, i) => {
    const row = make("tr");
    const name = make("th", column);
    name.scope = "row";
    row.append(name);
    for (const values of columns) row.append(make("td", values ? values[i] : ""));
    table.tBodies[0].append(row);
  });
  const box = make("div", undefined, "table");
  box.tabIndex = 0;
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", "Table");
  box.append(table);
  return box;
}

// A row, beside what is usual among the unflagged labels of both classes.
function besideUsual(values, card) {
  const labels = [page.given[card]];
  if (hasSuggestion(card)) labels.push(page.suggested[card]);
  const heads = labels.map((label) => `Median of ${nameOf(label)}`);
  return tabled(["Value", ...heads], [values, ...labels.map((label) => page.usual[label])]);
}

// The sample of a card, or of a neighbour.
function shown(index) {
  if (!page.samples) return make("p", `Sample ${page.ids[index]}`, "missing");
  const sample = page.samples[index];
  if (sample === null) return make("p", "No sample", "missing");
  const name = `Sample ${page.ids[index]}`;
  if (page.kind === "image") return pictured(sample, name);
  if (page.kind === "audio") return sounding(sample, name);
  if (page.kind === "text") return written(sample);
  return besideUsual(sample, index);
}

// What stands in the list.
function glimpse(index) {
  const sample = page.samples ? page.samples[index] : null;
  if (sample && page.kind === "image") return pictured(sample, "");
  if (sample && page.kind === "text") return isolated(sample[0].slice(0, 90), "snippet");
  return null;
}
