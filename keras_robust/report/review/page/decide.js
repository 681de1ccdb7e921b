// Deciding by a button or a key, and what follows.

const MOST_BUTTONS = 10;

function choose(label) {
  const card = currentCard();
  if (card < 0) return;
  if (label !== null && (label < 0 || label >= page.classes.length)) return;
  typed = "";
  decide(card, label);
  const [text] = stateOf(card);
  const left = size - numDecided;
  say(left ? `${text}. ${left.toLocaleString("en")} left.` : `${text}. All cards are decided: download the decisions.`);
  toNextOpen();
}

function accept() {
  const card = currentCard();
  if (card < 0) return;
  if (hasSuggestion(card)) choose(page.suggested[card]);
  else say("There is no suggestion: choose a class, or keep the given label.");
}

function keepGiven() {
  const card = currentCard();
  if (card >= 0) choose(page.given[card]);
}

// The next card without a decision; after the last one from the first on.
function toNextOpen(start = firstShown + current + 1) {
  const count = chosen.length;
  for (let i = 0; i < count; i += 1) {
    const place = (start + i) % count;
    if (!decisions[chosen[place]]) {
      const first = place - (place % PAGE_SIZE);
      if (first !== firstShown) {
        firstShown = first;
        showPage();
      }
      goTo(place - first);
      return;
    }
  }
  showSoon();
}

function undo() {
  const card = takeBack();
  if (card < 0) {
    say("There is nothing to undo.");
    return;
  }
  const place = visible.indexOf(card);
  if (place >= 0) current = place;
  const [text] = stateOf(card);
  say(`Undone: card of ${page.ids[card]} is ${text || "not decided"}.`);
  showSoon();
}

function startDeciding() {
  byId("accept").addEventListener("click", accept);
  byId("keep").addEventListener("click", keepGiven);
  byId("exclude").addEventListener("click", () => choose(null));
  byId("undo").addEventListener("click", undo);
  byId("before").addEventListener("click", () => goTo(current - 1));
  byId("after").addEventListener("click", () => goTo(current + 1));
  const count = page.classes.length;
  if (count <= MOST_BUTTONS) {
    page.classes.forEach((name, label) => {
      const button = make("button");
      button.type = "button";
      button.label = label;
      button.setAttribute("aria-keyshortcuts", label);
      button.append(make("kbd", String(label)));
      if (page.named) button.append(" ", isolated(name));
      else button.setAttribute("aria-label", `Class ${name}`);
      button.addEventListener("click", () => choose(label));
      byId("classes").append(button);
    });
    byId("classes").firstChild.before(make("span", "Another class"));
  }
  const other = byId("other");
  byId("other-label").hidden = count <= MOST_BUTTONS;
  other.append(new Option("Choose …", ""));
  page.classes.forEach((name, label) => {
    other.append(new Option(page.named ? `${label} ${name}` : name, label));
  });
  other.addEventListener("change", () => {
    if (other.value !== "") choose(Number(other.value));
    byId("list").focus({ preventScroll: true });
  });
}
