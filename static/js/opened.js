// Tells the log of searches which result was opened, by its rank: no name, no text. Without it, search works the same.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-rank]");
  const list = link && link.closest("[data-search]");
  if (!list) return;
  const said = new URLSearchParams({ search: list.dataset.search, rank: link.dataset.rank, csrf_token: list.dataset.token });
  navigator.sendBeacon("/recherche/ouverture", said);
});
