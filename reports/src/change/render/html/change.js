// Which paragraphs are shown: the form, kept in the address. Any other address is a place, and is shown.
const form = document.getElementById("filters");
const lines = [...document.querySelectorAll(".line")];
const parts = [...document.querySelectorAll(".part")];
const KEYS = ["show", "words"];

const fits = ({ dataset, textContent }, { show, words }) =>
  (show === "" || dataset.tags.split(" ").includes(show))
  && (words === "" || textContent.toLowerCase().includes(words.toLowerCase()));

function filter(parameters) {
  for (const key of KEYS) form.elements[key].value = parameters.get(key) ?? "";
  const wanted = Object.fromEntries(KEYS.map((key) => [key, form.elements[key].value]));
  for (const line of lines) line.hidden = !fits(line, wanted);
  for (const part of parts) part.hidden = !part.querySelector(".line:not([hidden])");
  const count = lines.filter((line) => !line.hidden).length;
  document.getElementById("shown").textContent = `${count} of ${lines.length} paragraphs`;
}

function route() {
  const parameters = address();
  const [place] = parameters.keys();
  const target = document.getElementById(place ?? "");
  // A place that the filter hides is shown without it.
  if (target === null || target.id === "text" || target.closest("[hidden]")) filter(parameters);
  target?.scrollIntoView();
}

form.addEventListener("input", () => {
  const set = KEYS.map((key) => [key, form.elements[key].value]).filter(([, value]) => value !== "");
  history.replaceState(null, "", hashOf([["text", ""], ...set]));
  filter(address());
});
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", (event) => {
  event.preventDefault();
  history.replaceState(null, "", "#text");
  filter(address());
});
form.hidden = false;
addEventListener("hashchange", route);
filter(new URLSearchParams());
route();
