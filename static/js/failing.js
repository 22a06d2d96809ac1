// Says in place what a piece of the page could not do: the network gone, the session ended, too many at once, an error.
// The sentences are in the page (components/scripts.html); what is typed stays where it is.
const sentences = () => document.getElementById("echecs").content;

function sentence(status) {
  const kind = status === 0 ? "network" : status === 429 ? "limit" : status >= 500 ? "error" : "session";
  return sentences().querySelector(`[data-failed="${kind}"]`).cloneNode(true);
}

function place(detail) {
  const target = detail.target && detail.target.id !== "propositions" ? detail.target : null;
  return target || detail.elt.closest("form") || detail.elt;
}

function said(beside) {
  const next = beside.nextElementSibling;
  return next && next.matches("[data-failed]") ? next : null;
}

function say(detail, status) {
  const beside = place(detail), before = said(beside);
  if (before && before.dataset.failed === sentence(status).dataset.failed) return;
  if (before) before.remove();
  beside.after(sentence(status));
}

document.addEventListener("htmx:responseError", (event) => say(event.detail, event.detail.xhr.status));
document.addEventListener("htmx:sendError", (event) => say(event.detail, 0));
document.addEventListener("htmx:timeout", (event) => say(event.detail, 0));
document.addEventListener("htmx:beforeSwap", (event) => {
  const before = event.detail.isError ? null : said(place({ target: event.detail.target, elt: event.detail.requestConfig.elt }));
  if (before) before.remove();
});
