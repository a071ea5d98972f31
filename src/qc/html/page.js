"use strict";
(() => {
  const form = document.querySelector(".filter");
  const lines = [...document.querySelectorAll(".line")];
  const nothing = document.querySelector(".nothing");
  const shown = document.querySelector(".shown");
  if (form) {
    const choose = () => {
      const chosen = new FormData(form);
      const severities = chosen.getAll("severity");
      const language = chosen.get("language");
      const text = chosen.get("text").trim().toLowerCase();
      let left = 0;
      let notes = 0;
      for (const line of lines) {
        const asked = (!language || line.dataset.language === language)
          && (!text || line.textContent.toLowerCase().includes(text));
        const severe = severities.includes(line.dataset.severity);
        line.hidden = !(asked && severe);
        left += asked && severe ? 1 : 0;
        notes += asked && !severe && line.dataset.severity === "note" ? 1 : 0;
      }
      nothing.hidden = left > 0;
      // What is hidden is not forgotten.
      const hidden = notes > 0 ? `, ${notes} with notes alone hidden` : "";
      shown.textContent = left < lines.length ? `${left} of ${lines.length} shown${hidden}` : "";
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
  // A screen may be too narrow for a table or a plot; on phones no bar says that it goes on.
  for (const scroll of document.querySelectorAll(".scroll")) {
    const look = () => {
      const beyond = scroll.scrollWidth - scroll.clientWidth;
      scroll.classList.toggle("wide", beyond > 1);
      scroll.classList.toggle("before", scroll.scrollLeft > 1);
      scroll.classList.toggle("more", beyond - scroll.scrollLeft > 1);
    };
    scroll.addEventListener("scroll", look, { passive: true });
    new ResizeObserver(look).observe(scroll);
    look();
  }
  // Two lines at once cannot be judged.
  document.addEventListener("play", (event) => {
    for (const player of document.querySelectorAll("video, audio")) {
      if (player !== event.target) player.pause();
    }
  }, true);
})();
