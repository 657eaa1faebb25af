// Which clauses are shown: the form, kept in the address.
const form = document.getElementById("filters");
const clauses = [...document.querySelectorAll("details.clause")];
const groups = [...document.querySelectorAll("#clauses .group")];
const KEYS = ["verdict", "level", "actor", "list", "text"];
const NOT_PASSED = ["fail", "error", "warning", "inconclusive"];

const fits = (clause, { verdict, level, actor, list, text }) =>
  (verdict === "" || verdict === clause.dataset.verdict || (verdict === "open" && NOT_PASSED.includes(clause.dataset.verdict)))
  && (level === "" || level === clause.dataset.level)
  && (actor === "" || actor === clause.dataset.actor)
  && (list === "" || list === clause.dataset.list)
  && (text === "" || clause.textContent.toLowerCase().includes(text.toLowerCase()));

function filter(parameters) {
  for (const key of KEYS) form.elements[key].value = parameters.get(key) ?? "";
  const wanted = Object.fromEntries(KEYS.map((key) => [key, form.elements[key].value]));
  let count = 0;
  for (const clause of clauses) {
    clause.hidden = !fits(clause, wanted);
    count += clause.hidden ? 0 : 1;
  }
  for (const group of groups) group.hidden = !group.querySelector("details:not([hidden])");
  document.getElementById("shown").textContent = `${count} of ${clauses.length} clauses and rules`;
}

function keepFilters() {
  const set = KEYS.map((key) => [key, form.elements[key].value]).filter(([, value]) => value !== "");
  history.replaceState(null, "", hashOf([["clauses", ""], ...set]));
  filter(address());
}

form.addEventListener("input", keepFilters);
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", (event) => {
  event.preventDefault();
  for (const key of KEYS) form.elements[key].value = "";
  keepFilters();
});
form.hidden = false;
