// Light, dark, or as the system says: kept in the browser where it lets us.
(() => {
  const button = document.getElementById("theme");
  const order = ["auto", "light", "dark"];
  const kept = () => {
    try { return localStorage.getItem("shall-theme"); } catch { return null; }
  };
  const keep = (theme) => {
    try { localStorage.setItem("shall-theme", theme); } catch { /* the choice lasts as long as the page */ }
  };
  const use = (theme) => {
    document.documentElement.dataset.theme = theme;
    button.textContent = `Theme: ${theme}`;
  };
  use(order.includes(kept()) ? kept() : "auto");
  button.hidden = false;
  button.addEventListener("click", () => {
    const next = order[(order.indexOf(document.documentElement.dataset.theme) + 1) % order.length];
    use(next);
    keep(next);
  });
})();
