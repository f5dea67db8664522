// Served by `digest preview --serve`: ask twice a second whether a template, a setting or the issue changed.
const shown = document.currentScript.dataset.version;
setInterval(async () => {
  if (document.hidden) return;
  try {
    const answer = await fetch("version", { cache: "no-store" });
    if (answer.ok && (await answer.text()) !== shown) location.reload();
  } catch (error) {
    // The server was ended, or is being started again.
  }
}, 500);
