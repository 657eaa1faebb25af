// The page follows its address: a scenario, a clause, a part, or the filters.
const overview = document.getElementById("overview");
let left = null;

async function route() {
  const parameters = address();
  const id = numberIn(parameters, "scenario");
  const shown = id !== null && await showScenario(id, numberIn(parameters, "line"), numberIn(parameters, "frame"));
  if (shown) enterStage();
  else showOverview(parameters);
}

function enterStage() {
  if (!stage.stage.hidden) return;
  left.focus = document.activeElement;
  stage.back.href = left.hash || "#summary";
  overview.hidden = true;
  stage.stage.hidden = false;
  scrollTo(0, 0);
  stage.play.focus();
}

function showOverview(parameters) {
  const returning = !stage.stage.hidden && left.hash === location.hash;
  stage.stage.hidden = true;
  overview.hidden = false;
  filter(parameters);
  if (returning) {
    scrollTo({ top: left.top, behavior: "instant" });
    left.focus?.focus({ preventScroll: true });
  } else {
    reveal(parameters);
  }
  left = { hash: location.hash, top: scrollY };
}

function reveal(parameters) {
  const wanted = clauses.find(({ dataset }) => dataset.clause === parameters.get("clause"));
  if (wanted) {
    wanted.open = true;
    wanted.scrollIntoView({ block: "center" });
    wanted.querySelector("summary").focus({ preventScroll: true });
    return;
  }
  const [part] = parameters.keys();
  [...overview.children].find(({ id }) => id === part)?.scrollIntoView();
}

// An opened clause stands in the address.
overview.addEventListener("toggle", ({ target }) => {
  if (!target.matches("details.clause[open]") || !target.contains(document.activeElement)) return;
  const others = [...address()].filter(([key]) => key !== "clause");
  history.replaceState(null, "", hashOf([...(others.length ? others : [["clauses", ""]]), ["clause", target.dataset.clause]]));
  left.hash = location.hash;
}, true);
addEventListener("scroll", () => { if (stage.stage.hidden) left.top = scrollY; }, { passive: true });
document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-copy]");
  if (button) copy(button.dataset.copy, button);
});
left = { hash: "", top: 0 };
addEventListener("hashchange", route);
route();
