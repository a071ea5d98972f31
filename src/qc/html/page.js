"use strict";
(() => {
  const form = document.querySelector(".filter");
  const lines = [...document.querySelectorAll(".line")];
  const nothing = document.querySelector(".nothing");
  if (form) {
    const choose = () => {
      const chosen = new FormData(form);
      const severities = chosen.getAll("severity");
      const language = chosen.get("language");
      const text = chosen.get("text").trim().toLowerCase();
      let left = 0;
      for (const line of lines) {
        const shown = severities.includes(line.dataset.severity)
          && (!language || line.dataset.language === language)
          && (!text || line.textContent.toLowerCase().includes(text));
        line.hidden = !shown;
        left += shown ? 1 : 0;
      }
      nothing.hidden = left > 0;
    };
    // Where there are only notes, they are shown.
    if (!lines.some((line) => line.dataset.severity !== "note")) {
      form.querySelector("[value=note]").checked = true;
    }
    form.hidden = false;
    form.addEventListener("input", choose);
    form.addEventListener("submit", (event) => event.preventDefault());
    choose();
  }
  // Two lines at once cannot be judged.
  document.addEventListener("play", (event) => {
    for (const player of document.querySelectorAll("video, audio")) {
      if (player !== event.target) player.pause();
    }
  }, true);
})();
