// The cards, what was decided about them, and its place in this browser.

const source = byId("data");
const page = JSON.parse(source.textContent);
source.remove();
const size = page.suggested.length;

const PREFIX = `keras-robust/${page.run}/`;
const MOST_STEPS = 500;

// A decision is {word, label}; label is null where the sample is left out.
const decisions = new Array(size).fill(null);
const cardOf = new Map();
for (let card = 0; card < size; card += 1) cardOf.set(page.ids[card], card);
let steps = [];
let numDecided = 0;
let storage = null;

function hasSuggestion(card) {
  const label = page.suggested[card];
  return label >= 0 && label !== page.given[card];
}

function nameOf(label) {
  if (label < 0) return "unknown";
  return page.classes[label];
}

// The word that goes with a label, whatever was pressed.
function decisionFor(card, label) {
  if (label === null) return { word: "exclude", label: null };
  if (label === page.given[card]) return { word: "keep", label };
  if (label === page.suggested[card]) return { word: "accept", label };
  return { word: "relabel", label };
}

function put(card, decision) {
  numDecided += (decision ? 1 : 0) - (decisions[card] ? 1 : 0);
  decisions[card] = decision;
}

function packed(decision) {
  if (!decision) return null;
  return decision.label === null ? "exclude" : String(decision.label);
}

function unpacked(card, text) {
  if (text === "exclude") return decisionFor(card, null);
  const label = Number(text);
  const known = /^\d+$/.test(text) && label < page.classes.length;
  return known ? decisionFor(card, label) : null;
}

function keep(card) {
  if (!storage) return;
  const text = packed(decisions[card]);
  const key = `${PREFIX}card/${page.ids[card]}`;
  try {
    if (text === null) storage.removeItem(key);
    else storage.setItem(key, text);
    storage.setItem(`${PREFIX}steps`, JSON.stringify(steps));
  } catch (error) {
    storage = null;
    warn("The browser has no room left to keep decisions. Download them before you close the page.");
  }
}

function decide(card, label) {
  steps.push([page.ids[card], packed(decisions[card])]);
  if (steps.length > MOST_STEPS) steps.shift();
  put(card, decisionFor(card, label));
  keep(card);
}

// Takes the last decision back; returns its card, or -1 where there is none.
function takeBack() {
  // Steps of cards that another page of the same labels has stay for it.
  const last = steps.findLastIndex(([id]) => cardOf.has(id));
  if (last < 0) return -1;
  const [[id, before]] = steps.splice(last, 1);
  const card = cardOf.get(id);
  put(card, before === null ? null : unpacked(card, before));
  keep(card);
  return card;
}

// What can be undone; without it the decisions themselves still count.
function keptSteps(text) {
  try {
    const kept = JSON.parse(text || "[]");
    return Array.isArray(kept) ? kept.filter(Array.isArray) : [];
  } catch (error) {
    return [];
  }
}

function readStorage() {
  try {
    storage = window.localStorage;
    steps = keptSteps(storage.getItem(`${PREFIX}steps`));
    const start = `${PREFIX}card/`;
    for (let i = 0; i < storage.length; i += 1) {
      const key = storage.key(i);
      if (key.startsWith(start)) readKept(key, storage.getItem(key));
    }
  } catch (error) {
    storage = null;
    warn("This browser keeps nothing for this page. Download your decisions before you close it.");
  }
}

// One decision as it is kept; also from another tab with the same page.
function readKept(key, text) {
  const start = `${PREFIX}card/`;
  if (!key || !key.startsWith(start)) return -1;
  const card = cardOf.get(key.slice(start.length));
  if (card === undefined) return -1;
  put(card, text === null ? null : unpacked(card, text));
  return card;
}
