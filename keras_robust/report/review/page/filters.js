// Which cards are in the list, and in which order.

const PAGE_SIZE = 10000;
let chosen = [];
let firstShown = 0;
let visible = [];

function fillChoice(select, labels, all) {
  const counts = new Map();
  for (let card = 0; card < size; card += 1) {
    counts.set(labels[card], (counts.get(labels[card]) || 0) + 1);
  }
  select.append(new Option(all, ""));
  for (const label of [...counts.keys()].sort((a, b) => a - b)) {
    select.append(new Option(`${nameOf(label)} (${counts.get(label).toLocaleString("en")})`, label));
  }
}

function startFilters() {
  fillChoice(byId("by-given"), page.given, "All");
  fillChoice(byId("by-suggested"), page.suggested, "All");
  const score = byId("by-score");
  if (page.wrong) {
    byId("score-name").textContent = "P(wrong) at least";
  } else {
    score.value = "100";
    score.defaultValue = "100";
  }
  if (!page.confidence) byId("sort").querySelector("[value=sure]").remove();
  const form = byId("filter-form");
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", refilter);
  form.addEventListener("reset", () => setTimeout(refilter));
  byId("page-before").addEventListener("click", () => turn(-1));
  byId("page-after").addEventListener("click", () => turn(1));
}

function keptByState(card, wanted) {
  const decision = decisions[card];
  if (wanted === "open") return !decision;
  if (wanted === "done") return Boolean(decision);
  return Boolean(decision) && decision.word === wanted;
}

function textOf(card) {
  const sample = page.samples && page.samples[card];
  if (!sample) return page.ids[card];
  if (page.kind === "text") return `${page.ids[card]} ${sample[0]}`;
  if (page.kind === "tabular") return `${page.ids[card]} ${sample.join(" ")}`;
  return page.ids[card];
}

function conditions() {
  const found = [];
  const given = byId("by-given").value;
  const suggested = byId("by-suggested").value;
  const state = byId("by-state").value;
  const text = byId("by-text").value.trim().toLowerCase();
  const score = Number(byId("by-score").value) / 100;
  if (given) found.push((card) => page.given[card] === Number(given));
  if (suggested) found.push((card) => page.suggested[card] === Number(suggested));
  if (state) found.push((card) => keptByState(card, state));
  if (text) found.push((card) => textOf(card).toLowerCase().includes(text));
  if (page.wrong && score > 0) found.push((card) => page.wrong[card] >= score);
  if (!page.wrong && score < 1) found.push((card) => page.quality[card] <= score);
  return found;
}

const COMPARE = {
  pair: (a, b) => page.given[a] - page.given[b] || page.suggested[a] - page.suggested[b] || a - b,
  sure: (a, b) => (page.confidence[b] || 0) - (page.confidence[a] || 0) || a - b,
  id: (a, b) => byName.compare(page.ids[a], page.ids[b]),
};
const byName = new Intl.Collator("en", { numeric: true });

function ordered() {
  const order = byId("sort").value;
  if (order === "fair") return page.fair.slice();
  const cards = Array.from({ length: size }, (_, card) => card);
  return order in COMPARE ? cards.sort(COMPARE[order]) : cards;
}

function refilter() {
  const tests = conditions();
  chosen = ordered().filter((card) => tests.every((test) => test(card)));
  firstShown = 0;
  byId("score-shown").textContent = percent(Number(byId("by-score").value) / 100);
  byId("filtered").textContent = tests.length
    ? `${chosen.length.toLocaleString("en")} of ${size.toLocaleString("en")} cards`
    : "";
  showPage();
}

function turn(step) {
  const first = firstShown + step * PAGE_SIZE;
  if (first < 0 || first >= chosen.length) return false;
  firstShown = first;
  showPage();
  return true;
}

function showPage() {
  visible = chosen.slice(firstShown, firstShown + PAGE_SIZE);
  const pages = Math.ceil(chosen.length / PAGE_SIZE);
  byId("pager").hidden = pages < 2;
  byId("page-before").disabled = firstShown === 0;
  byId("page-after").disabled = firstShown + PAGE_SIZE >= chosen.length;
  byId("page-shown").textContent = `Page ${firstShown / PAGE_SIZE + 1} of ${pages}`;
  showList();
}

function startWithFilters() {
  byId("filter-form").reset();
}
