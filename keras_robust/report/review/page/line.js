// How the given label was learnt, epoch by epoch, as a small drawing.

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const WIDTH = 300;
const HEIGHT = 72;

function point(letter, i, count) {
  const height = LETTERS.indexOf(letter);
  if (height < 0) return null;
  const x = count > 1 ? (i / (count - 1)) * WIDTH : WIDTH / 2;
  return [x, HEIGHT - 2 - (height / 63) * (HEIGHT - 4)];
}

// Pieces of a line, broken where nothing was recorded.
function path(letters) {
  let drawn = "";
  let pen = "M";
  [...letters].forEach((letter, i) => {
    const at = point(letter, i, letters.length);
    if (at === null) {
      pen = "M";
    } else {
      drawn += `${pen}${at[0].toFixed(1)} ${at[1].toFixed(1)}`;
      // A point by itself shows as a dot of the line's width.
      if (pen === "M") drawn += "h.1";
      pen = "L";
    }
  });
  return drawn;
}

function area([low, , high]) {
  const there = (letters) => [...letters].map((l, i) => point(l, i, letters.length)).filter(Boolean);
  const outline = [...there(high), ...there(low).reverse()];
  return outline.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
}

function drawn(card) {
  const { name, range, epochs, cards, band } = page.lines;
  const svg = makeSvg("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    preserveAspectRatio: "none",
    role: "img",
    "aria-label": `${name}, epochs ${epochs[0]} to ${epochs[1]}`,
  });
  if (band.length) {
    svg.append(makeSvg("polygon", { points: area(band), class: "band" }));
    svg.append(makeSvg("path", { d: path(band[1]), class: "middle" }));
  }
  svg.append(makeSvg("path", { d: path(cards[card]), class: "own" }));
  const plot = make("div", undefined, "plot");
  const scale = make("div", undefined, "scale");
  scale.append(make("span", String(range[1])), make("span", String(range[0])));
  plot.append(scale, svg);
  const axis = make("div", undefined, "axis");
  axis.append(make("span", `epoch ${epochs[0]}`), make("span", String(epochs[1])));
  const caption = make("figcaption", `${name[0].toUpperCase()}${name.slice(1)}`);
  if (band.length) caption.append(make("span", "grey: labels that are not flagged", "note"));
  return [caption, plot, axis];
}
