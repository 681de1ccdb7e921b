// The list of cards: only the rows in sight exist.

const ROW = 64;
const MORE = 4;
const pool = [];
let current = 0; // a place in `visible`

const currentCard = () => (visible.length ? visible[current] : -1);

function showList() {
  current = 0;
  byId("rows").style.height = `${visible.length * ROW}px`;
  byId("list").scrollTop = 0;
  for (const row of pool) row.card = -1;
  showAll();
}

function makeRow() {
  const row = make("div", undefined, "row");
  row.setAttribute("role", "option");
  row.picture = make("div", undefined, "glimpse");
  row.pair = make("div", undefined, "pair");
  row.note = make("div", undefined, "id");
  row.state = make("span", undefined, "state");
  const words = make("div", undefined, "words");
  const below = make("div", undefined, "below");
  below.append(row.note, row.state);
  words.append(row.pair, below);
  row.append(row.picture, words);
  row.addEventListener("click", () => goTo(row.place));
  row.card = -1;
  byId("rows").append(row);
  return row;
}

function pairOf(card) {
  const pair = [isolated(nameOf(page.given[card]), "given")];
  if (hasSuggestion(card)) {
    pair.push(make("span", "→"), isolated(nameOf(page.suggested[card]), "suggested"));
  } else {
    pair.push(make("span", "→ ?"));
  }
  return pair;
}

function fillRow(row, card) {
  row.card = card;
  const picture = glimpse(card);
  row.picture.replaceChildren(...(picture ? [picture] : []));
  row.picture.hidden = !picture;
  row.pair.replaceChildren(...pairOf(card));
  const likely = page.wrong && page.wrong[card] !== null ? ` · ${percent(page.wrong[card])} likely wrong` : "";
  row.note.replaceChildren(isolated(page.ids[card]), likely);
}

function stateOf(card) {
  const decision = decisions[card];
  if (!decision) return ["", ""];
  if (decision.word === "exclude") return ["✕ excluded", "exclude"];
  const sign = { accept: "✓", keep: "=", relabel: "↷" }[decision.word];
  return [`${sign} ${nameOf(decision.label)}`, decision.word];
}

function showState(element, card) {
  const [text, word] = stateOf(card);
  if (element.textContent !== text) element.textContent = text;
  element.className = `state ${word}`;
}

function showRows() {
  const list = byId("list");
  const first = Math.max(Math.floor(list.scrollTop / ROW) - MORE, 0);
  const count = Math.ceil(list.clientHeight / ROW) + 2 * MORE;
  while (pool.length < count) pool.push(makeRow());
  for (const row of pool) row.used = false;
  const last = Math.min(first + count, visible.length);
  const spare = pool.length;
  for (let place = first; place < last; place += 1) {
    // The same place takes the same row, so that little changes.
    const row = pool[place % spare];
    const card = visible[place];
    row.used = true;
    if (row.card !== card) fillRow(row, card);
    if (row.place !== place) {
      row.place = place;
      row.id = `row-${place}`;
      row.style.transform = `translateY(${place * ROW}px)`;
      row.setAttribute("aria-posinset", place + 1);
    }
    row.setAttribute("aria-setsize", visible.length);
    row.setAttribute("aria-selected", place === current);
    showState(row.state, card);
    row.hidden = false;
  }
  for (const row of pool) if (!row.used) row.hidden = true;
  if (visible.length) list.setAttribute("aria-activedescendant", `row-${current}`);
  else list.removeAttribute("aria-activedescendant");
}

// Scrolls so far that the current row and the next ones are in sight.
function follow() {
  const list = byId("list");
  const top = current * ROW;
  const height = list.clientHeight;
  if (top < list.scrollTop + ROW) list.scrollTop = Math.max(top - ROW, 0);
  else if (top + 2 * ROW > list.scrollTop + height) list.scrollTop = top + 2 * ROW - height;
}

function goTo(place) {
  if (!visible.length) return;
  if (place < 0 || place >= visible.length) {
    const step = place < 0 ? -1 : 1;
    if (!turn(step)) return;
    current = step < 0 ? visible.length - 1 : 0;
  } else {
    current = place;
  }
  showSoon();
}
