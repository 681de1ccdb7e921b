// Puts the page together.

const THEMES = ["", "light", "dark"];

function showTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  byId("theme").setAttribute("aria-label", `Colours: ${theme || "as the system has them"}`);
  byId("theme").title = byId("theme").getAttribute("aria-label");
}

function startTheme() {
  let theme = "";
  try {
    theme = window.localStorage.getItem("keras-robust/theme") || "";
  } catch (error) {
    // Nothing is kept here; `readStorage` says so.
  }
  showTheme(THEMES.includes(theme) ? theme : "");
  byId("theme").addEventListener("click", () => {
    const now = document.documentElement.dataset.theme || "";
    const next = THEMES[(THEMES.indexOf(now) + 1) % THEMES.length];
    showTheme(next);
    try {
      if (storage) storage.setItem("keras-robust/theme", next);
    } catch (error) {
      // There is no room: the next decision says so.
    }
  });
}

document.body.dataset.kind = page.kind || "plain";
// On a telephone the cards come first.
if (window.matchMedia("(max-width: 720px)").matches) document.querySelector(".summary").open = false;
readStorage();
startTheme();
startWithFilters();
startFilters();
startDeciding();
startDownloads();
startKeys();
refilter();
toNextOpen(0);
byId("list").addEventListener("scroll", () => showRows(), { passive: true });
window.addEventListener("resize", () => showRows());
window.addEventListener("storage", (event) => {
  if (readKept(event.key, event.newValue) >= 0) showSoon();
});
// For whoever drives the page by a script: it says what `precision` says.
window.kerasRobustReview = { precision, decisions, page };
