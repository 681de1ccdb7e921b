// Elements of the page. What comes from the data is only ever set as text.

const byId = (id) => document.getElementById(id);

function make(name, text, className) {
  const element = document.createElement(name);
  if (text !== undefined) element.textContent = text;
  if (className) element.className = className;
  return element;
}

function makeSvg(name, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) {
    element.setAttribute(key, value);
  }
  return element;
}

// A name that is written from right to left stays inside of itself.
function isolated(text, className) {
  return make("bdi", text, className);
}

function say(text) {
  byId("said").textContent = text;
}

function warn(text) {
  const box = byId("warning");
  box.textContent = text;
  box.hidden = false;
}

// Only what is certain is 100 %.
function percent(share) {
  if (share > 0.9994 && share < 1) return "> 99.9 %";
  return `${(100 * share).toFixed(share > 0.995 && share < 1 ? 1 : 0)} %`;
}
