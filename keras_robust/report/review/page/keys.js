// What the keys do.

let typed = ""; // the beginning of a class number

const KEYS = {
  j: () => goTo(current + 1),
  k: () => goTo(current - 1),
  ArrowDown: () => goTo(current + 1),
  ArrowUp: () => goTo(current - 1),
  n: () => toNextOpen(),
  a: accept,
  g: keepGiven,
  x: () => choose(null),
  u: undo,
  c: () => focusOther(),
  f: () => openFilters(),
  p: () => play(),
  "?": () => byId("help").showModal(),
};
// A key that is held down must not decide about cards that nobody has seen.
const ONCE = [..."agx0123456789"];
const IN_LIST = {
  Home: () => goTo(0),
  End: () => goTo(visible.length - 1),
  PageDown: () => goTo(Math.min(current + 8, visible.length - 1)),
  PageUp: () => goTo(Math.max(current - 8, 0)),
};

function focusOther() {
  if (byId("other-label").hidden) byId("classes").querySelector("button").focus();
  else byId("other").focus();
}

function openFilters() {
  byId("filters").open = true;
  byId("by-given").focus();
}

function play() {
  const audio = byId("sample").querySelector("audio");
  if (!audio) return;
  if (audio.paused) audio.play();
  else audio.pause();
}

// A digit is a class; of many classes one digit after the other.
function type(digit) {
  typed += digit;
  const label = Number(typed);
  const most = page.classes.length - 1;
  if (label > most) {
    say(`There is no class ${typed}.`);
    typed = "";
  } else if (label === 0 || label * 10 > most) {
    typed = "";
    choose(label);
  } else {
    say(`Class ${typed} …  Enter chooses ${nameOf(label)}.`);
  }
}

function finishTyping(key) {
  if (!typed) return false;
  const label = Number(typed);
  typed = "";
  if (key === "Enter") choose(label);
  else say("");
  return key === "Enter" || key === "Escape";
}

function isField(element) {
  return element.matches("input:not([type=checkbox]), select, textarea, audio");
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (byId("help").open || !byId("keys-on").checked) return;
  const target = event.target;
  if (target instanceof Element && isField(target)) {
    if (event.key === "Escape") byId("list").focus({ preventScroll: true });
    return;
  }
  // Caps lock changes no meaning.
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.repeat && ONCE.includes(key)) {
    event.preventDefault();
    return;
  }
  if (/^[0-9]$/.test(key)) {
    type(key);
  } else if (finishTyping(key)) {
    event.preventDefault();
    return;
  } else {
    const scrolls = target instanceof Element && target.matches(".text, .table, .card");
    const inList = target === byId("list") || target === document.body;
    const act = (scrolls && key.startsWith("Arrow") ? null : KEYS[key]) || (inList && IN_LIST[key]);
    if (!act) return;
    act();
  }
  event.preventDefault();
  bringToWork();
}

// From the summary to the cards, once somebody begins.
function bringToWork() {
  const work = byId("work");
  if (work.getBoundingClientRect().top > 1) work.scrollIntoView({ block: "start" });
}

function startKeys() {
  document.addEventListener("keydown", onKey);
  byId("help-button").addEventListener("click", () => byId("help").showModal());
  byId("help-more").hidden = page.classes.length <= 10;
  byId("help-play").hidden = page.kind !== "audio";
}
