// How many of the suspects are wrong, as `LabelIssues.precision` has it.

const Z = 1.959963984540054;

function wilson(hits, total) {
  if (!total) return [0, 1];
  const share = hits / total;
  const center = share + Z ** 2 / (2 * total);
  const width = Z * Math.sqrt(share * (1 - share) / total + (Z / (2 * total)) ** 2);
  const scale = 1 + Z ** 2 / total;
  const low = hits === 0 ? 0 : Math.max(0, (center - width) / scale);
  const high = hits === total ? 1 : Math.min(1, (center + width) / scale);
  return [low, high];
}

function stratum(first, last) {
  let answered = 0;
  let wrong = 0;
  for (let card = first; card < last; card += 1) {
    if (decisions[card]) {
      answered += 1;
      wrong += decisions[card].word === "keep" ? 0 : 1;
    }
  }
  const number = last - first;
  if (!answered) return { number, answered, share: NaN, low: 0, high: 1 };
  const share = wrong / answered;
  const [low, high] = wilson(wrong, answered);
  // What is read is known; the rest is as unsure as it is large.
  const left = Math.sqrt(1 - answered / number);
  return {
    number,
    answered,
    share,
    low: Math.max(share - (share - low) * left, wrong / number),
    high: Math.min(share + (high - share) * left, 1 - (answered - wrong) / number),
  };
}

function precision() {
  const starts = page.strata;
  const strata = [];
  for (let i = 0; i + 1 < starts.length; i += 1) {
    strata.push(stratum(starts[i], starts[i + 1]));
  }
  let [known, below, above, open, toRead] = [0, 0, 0, 0, 0];
  for (const part of strata) {
    const weight = part.number / size;
    if (part.answered) {
      known += weight * part.share;
      below += (weight * (part.share - part.low)) ** 2;
      above += (weight * (part.high - part.share)) ** 2;
    } else {
      open += weight;
    }
    if (part.high >= page.worth) toRead += part.number - part.answered;
  }
  return {
    precision: open > 0 ? NaN : known,
    low: Math.max(known - Math.sqrt(below), 0),
    high: Math.min(known + Math.sqrt(above) + open, 1),
    worthReading: toRead,
  };
}

function showProgress() {
  byId("progress").max = Math.max(size, 1);
  byId("progress").value = numDecided;
  byId("counted").textContent = `${numDecided.toLocaleString("en")} of ${size.toLocaleString("en")} decided`;
  byId("estimate").textContent = size ? estimate() : "";
}

function estimate() {
  const found = precision();
  const worth = found.worthReading;
  const more = worth ? `${worth.toLocaleString("en")} more ${worth === 1 ? "is" : "are"} worth reading.` : "No more are worth reading.";
  if (!numDecided) return `${size.toLocaleString("en")} cards to read; as you go, this line says how many are worth it.`;
  if (numDecided === size) return `${percent(found.precision)} of these labels were wrong.`;
  const range = `${percent(found.low)} to ${percent(found.high)}`;
  if (Number.isNaN(found.precision)) {
    return `Of all labels here ${range} are wrong; a fair sample (see Sort) narrows that. ${more}`;
  }
  return `Of all labels here about ${percent(found.precision)} are wrong (${range}). ${more}`;
}
