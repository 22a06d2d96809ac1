// Keeps what is being written in this tab, so that reloading or leaving the page loses nothing. It goes once it is
// published, and with all the rest at sign-out. Another member of the same tab never sees it.
const OWN = `texte:${document.body.dataset.own}:`;
const LEFT = "input:not([type=hidden], [type=password], [type=file]), textarea, select";

function drop_of_others() {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith("texte:") && !key.startsWith(OWN)) sessionStorage.removeItem(key);
}

function forms() {
  return [...document.querySelectorAll("form[method=post]")].filter((form) => form.querySelector("textarea:not([readonly])"));
}

const key = (form) => OWN + new URL(form.action).pathname;
const fields = (form) => [...form.elements].filter((field) => field.name && field.matches(LEFT) && field.name !== "confirm");
const chosen = (field) => (field.matches("[type=checkbox], [type=radio]") ? field.checked : field.value);
const first = (field) => (field.matches("[type=checkbox], [type=radio]") ? field.defaultChecked : field.matches("select") ? "" : field.defaultValue);
const mark = (field) => `${field.name}=${field.matches("[type=checkbox], [type=radio]") ? field.value : ""}`;

function texts(form) {
  return [...form.querySelectorAll("textarea")].map((area) => area.defaultValue);
}

function remember(form) {
  const typed = Object.fromEntries(fields(form).map((field) => [mark(field), chosen(field)]));
  const number = form.elements.submission ? form.elements.submission.value : "";
  try {
    sessionStorage.setItem(key(form), JSON.stringify({ typed, number, from: texts(form) }));
  } catch { /* no room, or none allowed: the page works without */ }
}

function bring_back(form) {
  const kept = JSON.parse(sessionStorage.getItem(key(form)) || "null");
  // What the page brings, after an error or from somebody else's edit, is newer than what this tab kept.
  if (!kept || JSON.stringify(kept.from) !== JSON.stringify(texts(form))) return;
  let changed = false;
  for (const field of fields(form)) {
    const value = kept.typed[mark(field)];
    if (value === undefined || value === chosen(field)) continue;
    if (typeof value === "boolean") field.checked = value;
    else field.value = value;
    changed = changed || (field.matches("textarea, [type=text]") && value !== first(field));
  }
  // The same number: what was published after all, its answer lost on the way, is not published twice.
  if (kept.number && form.elements.submission) form.elements.submission.value = kept.number;
  if (changed) form.querySelector("textarea").after(document.getElementById("retrouve").content.cloneNode(true));
}

function start() {
  drop_of_others();
  const sent = sessionStorage.getItem("envoye");
  sessionStorage.removeItem("envoye");
  if (sent && document.querySelector(".flashes .flash:not(.alert)")) sessionStorage.removeItem(sent);
  for (const form of forms()) {
    if (form.querySelector(".summary, .preview:not(:empty)")) remember(form);
    bring_back(form);
    form.addEventListener("input", () => remember(form));
    form.addEventListener("submit", (event) => {
      // A button beside the text that does something else: what is typed is still to be sent.
      if (!event.submitter || !event.submitter.hasAttribute("formaction")) sessionStorage.setItem("envoye", key(form));
    });
  }
}

document.addEventListener("submit", (event) => {
  if (event.target.action && new URL(event.target.action).pathname === "/deconnexion") sessionStorage.clear();
});

if (document.body.dataset.own) start();
