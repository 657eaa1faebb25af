// One message: its octets as text, with those marked that decided.

// Ranges in order, none overlapping or touching another.
function merged(ranges) {
  const sorted = [...ranges].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const whole = [];
  for (const [from, to] of sorted) {
    const last = whole.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else whole.push([from, to]);
  }
  return whole;
}

// Signs that few fonts hold: the style shows their names instead.
const NAMES = { "␍": "CR", "␊": "LF", "␉": "TAB" };

// A line end is shown and also made.
function append(place, text) {
  for (const part of text.split(/([␍␊␉])/u)) {
    const name = NAMES[part];
    if (name) place.append(make("span", { className: "sign", "data-name": name }, part));
    else if (part) place.append(part);
    if (name === "LF") place.append("\n");
  }
}

function octetsShown(octets, ranges) {
  const pre = make("pre", { className: "octets", tabIndex: 0 });
  let [place, text, next] = [pre, "", 0];
  const flush = () => { append(place, text); text = ""; };
  const turn = (at) => {
    if (place !== pre && at >= ranges[next][1]) { flush(); place = pre; next += 1; }
    if (place === pre && next < ranges.length && at >= ranges[next][0]) {
      flush();
      place = make("mark");
      [place.dataset.from, place.dataset.to] = ranges[next];
      pre.append(place);
      if (ranges[next][1] <= at) { place.className = "point"; place = pre; next += 1; }
    }
  };
  eachLetter(octets, new Set(ranges.flat()), (letter, from) => { turn(from); text += letter; });
  turn(octets.length);
  flush();
  return pre;
}

function copyButton(name, octets) {
  const button = make("button", { type: "button" }, name);
  button.addEventListener("click", () => copy(new TextDecoder().decode(octets), button));
  return button;
}

function messageShown(frame, evidence) {
  const { octets } = frame;
  const ranges = merged(evidence.map(([, from, to]) => [Math.min(from, octets.length), Math.min(to, octets.length)]));
  const places = ranges.map(([from, to]) => `${from}..${to}`).join(", ");
  const size = frame.whole > frame.length ? `the first ${frame.length} of ${frame.whole} octets` : `${frame.whole} octets`;
  const judged = ranges.length ? `, judged: ${places}` : "";
  const tools = make("p", { className: "tools screen" }, copyButton("Copy message", octets));
  if (ranges.length) {
    const marked = new Blob(ranges.map(([from, to]) => octets.subarray(from, to)));
    const button = make("button", { type: "button" }, "Copy judged octets");
    button.addEventListener("click", async () => copy(await marked.text(), button));
    tools.append(button);
  }
  return make("article", { className: "card message" },
    make("h3", {}, `Frame ${frame.index}: ${frame.title}`),
    make("p", { className: "soft" }, size + judged),
    octets.length ? octetsShown(octets, ranges) : make("p", {}, "The connection was closed."),
    tools);
}

async function copy(text, button) {
  const name = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "The browser does not let the page copy";
  }
  button.addEventListener("blur", () => { button.textContent = name; }, { once: true });
}
