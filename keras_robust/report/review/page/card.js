// The current card, large.

let drawnCard = -2;
let waiting = false;

// Many keys between two pictures of the screen cost one drawing.
function showSoon() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    follow();
    showAll();
  });
}

function showAll() {
  showRows();
  showCard(currentCard());
  showProgress();
}

function showCard(card) {
  const none = card < 0;
  byId("empty").hidden = !none;
  byId("card-body").hidden = none;
  for (const id of ["accept", "keep", "exclude"]) byId(id).disabled = none;
  byId("undo").disabled = !steps.length;
  byId("before").disabled = none || (current === 0 && firstShown === 0);
  byId("after").disabled = none || firstShown + current + 1 >= chosen.length;
  if (none) {
    byId("empty").textContent = size ? "No card fits the filters." : "No label is flagged, so there is nothing to decide.";
    drawnCard = -1;
    return;
  }
  byId("card-title").textContent = `Card ${(firstShown + current + 1).toLocaleString("en")} of ${chosen.length.toLocaleString("en")}`;
  showState(byId("card-state"), card);
  showPressed(card);
  byId("accept").disabled = !hasSuggestion(card);
  if (card === drawnCard) return;
  drawnCard = card;
  byId("sample").replaceChildren(shown(card));
  byId("given").textContent = nameOf(page.given[card]);
  byId("suggested").textContent = hasSuggestion(card) ? nameOf(page.suggested[card]) : "none: choose a class";
  byId("accept-name").textContent = hasSuggestion(card) ? nameOf(page.suggested[card]) : "";
  byId("keep-name").textContent = nameOf(page.given[card]);
  showScores(card);
  if (page.lines) {
    byId("line").replaceChildren(...drawn(card));
    byId("line").hidden = false;
  }
  showNear(card);
  byId("card").scrollTop = 0;
}

function showPressed(card) {
  const decision = decisions[card];
  for (const word of ["accept", "keep", "exclude"]) {
    byId(word).setAttribute("aria-pressed", Boolean(decision) && decision.word === word);
  }
  for (const button of byId("classes").children) {
    button.setAttribute("aria-pressed", Boolean(decision) && decision.label === button.label);
  }
  byId("other").value = decision && decision.word === "relabel" ? decision.label : "";
}

function score(name, text, share, className) {
  const row = make("div", undefined, className);
  const value = make("dd");
  if (share !== undefined) {
    const meter = make("meter");
    meter.min = 0;
    meter.max = 1;
    meter.value = share;
    meter.setAttribute("aria-label", name);
    value.append(meter);
  }
  value.append(make("span", text));
  row.append(make("dt", name), value);
  return row;
}

// As long for every card, so that nothing below jumps.
const quality = (value) => (value > 0 && value < 0.00005 ? "< 0.0001" : value.toFixed(4));

function showScores(card) {
  const rows = [];
  const wrong = page.wrong ? page.wrong[card] : null;
  const sure = page.confidence ? page.confidence[card] : null;
  if (wrong !== null) rows.push(score("Label is wrong", percent(wrong), wrong, "given"));
  if (sure !== null && hasSuggestion(card)) rows.push(score("Confidence in suggestion", percent(sure), sure, "suggested"));
  rows.push(score("Label quality", quality(page.quality[card])));
  const id = make("div");
  const value = make("dd");
  value.append(isolated(page.ids[card]));
  id.append(make("dt", "Id"), value);
  rows.push(id);
  byId("scores").replaceChildren(...rows);
}

function showNear(card) {
  const box = byId("near");
  box.hidden = !page.near;
  if (!page.near) return;
  const sides = [
    [page.given[card], page.near[0][card], "given"],
    [page.suggested[card], page.near[1][card], "suggested"],
  ];
  box.replaceChildren();
  for (const [label, places, className] of sides) {
    if (!places.length) continue;
    const side = make("section", undefined, className);
    const title = make("h3", "Most like it, labelled ");
    title.append(isolated(nameOf(label)));
    side.append(title, page.kind === "tabular" ? rowsOf(places) : samplesOf(places));
    box.append(side);
  }
}

function rowsOf(places) {
  return tabled(places.map((place) => page.ids[place]), places.map((place) => page.samples[place]));
}

function samplesOf(places) {
  const list = make("ul");
  for (const place of places) {
    const item = make("li");
    item.append(shown(place));
    item.title = page.ids[place];
    list.append(item);
  }
  return list;
}
