// One scenario: its steps beside the ladder, and below the messages that decided the chosen step.
const stage = Object.fromEntries(
  ["stage", "play", "place", "trouble", "steps", "ladder", "verdict", "messages", "back"]
    .map((id) => [id, document.getElementById(id)]));
const WORST = ["error", "fail", "warning", "inconclusive", "not-applicable", "pass"];
let open = null;

const worstOf = (judgements) => WORST.find((word) => judgements.some((j) => j.verdict === word));

// Shows what the address asks for; returns whether there is such a scenario.
async function showScenario(id, line, frame) {
  if (open?.id !== id) {
    const scenario = await unpack(id);
    if (!scenario) return false;
    open = { id, scenario };
    setStage(scenario);
  }
  const { judgements } = open.scenario;
  const first = judgements.find(({ verdict }) => verdict !== "pass") ?? judgements[0];
  choose(line ?? (frame === null ? first?.line ?? null : null), frame);
  return true;
}

function setStage({ name, feature, line, transport, trouble, steps, judgements, drawing }) {
  stage.play.textContent = name;
  stage.place.textContent = `${feature}:${line}, over ${transport}`;
  stage.trouble.textContent = trouble.join("; ");
  stage.trouble.hidden = trouble.length === 0;
  const known = new Set(steps.map(([at]) => at));
  // Verdicts that no step gave, such as those of a fault, stand at the end.
  const others = judgements.filter((j) => !known.has(j.line)).map((j) => [j.line, `[${j.clause}]`]);
  stage.steps.replaceChildren(...[...steps, ...others].map((step) => stepShown(step, judgements)));
  stage.ladder.replaceChildren(drawLadder(drawing));
}

function stepShown([line, text], judgements) {
  const judged = judgements.filter((j) => j.line === line);
  const [word, ...rest] = text.split(" ");
  const content = [make("b", {}, word), ` ${rest.join(" ")}`];
  if (judged.length === 0) return make("li", { className: "soft" }, ...content);
  const link = make("a", { href: hashOf([["scenario", open.id], ["line", line]]) }, ...content);
  link.dataset.line = line;
  return make("li", {}, mark(worstOf(judged)), " ", link);
}

// Marks the step, its messages in the ladder, and the octets that decided.
function choose(line, frame) {
  const { id, scenario } = open;
  const judged = scenario.judgements.filter((j) => j.line === line);
  const evidence = judged.flatMap((j) => j.evidence);
  const decisive = new Set(evidence.map(([index]) => index));
  for (const link of stage.steps.querySelectorAll("a")) {
    if (Number(link.dataset.line) === line) link.setAttribute("aria-current", "step");
    else link.removeAttribute("aria-current");
  }
  for (const arrow of stage.ladder.querySelectorAll("a")) {
    const index = Number(arrow.dataset.frame);
    const lineHere = line === null ? [] : [["line", line]];
    arrow.setAttribute("href", hashOf([["scenario", id], ...lineHere, ["frame", index]]));
    arrow.classList.toggle("decides", decisive.has(index));
    arrow.classList.toggle("chosen", frame === index);
  }
  const wanted = frame === null ? [...decisive].sort((a, b) => a - b) : [frame];
  const messages = scenario.frames.filter(({ index }) => wanted.includes(index));
  const shown = messages.map((message) =>
    messageShown(message, evidence.filter(([index]) => index === message.index)));
  const hint = make("p", { className: "soft screen" }, "Choose a step to see the octets that decided it, or an arrow to see its message.");
  stage.verdict.replaceChildren(...judged.map(explained));
  stage.messages.replaceChildren(...(judged.length + shown.length ? shown : [hint]));
  centre(stage.ladder.querySelector("a.chosen, a.decides"));
}

// Scrolls the ladder, and nothing else, until an arrow is in its middle.
function centre(arrow) {
  if (!arrow) return;
  const [at, around] = [arrow.getBoundingClientRect(), stage.ladder.getBoundingClientRect()];
  stage.ladder.scrollTop += at.top - around.top - around.height / 2;
}

function explained({ clause, verdict, expected, found, reason }) {
  const rows = [["Expected", expected], ["Found", found], ["Because", reason]].filter(([, text]) => text);
  return make("div", { className: "explained" },
    make("p", {}, mark(verdict), " ", make("a", { className: "mono", href: hashOf([["clause", clause]]) }, clause)),
    make("dl", {}, ...rows.flatMap(([name, text]) => [make("dt", {}, name), make("dd", {}, text)])));
}
