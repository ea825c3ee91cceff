"use strict";
// The page holds the answers; the server is asked after each change and keeps nothing.
const $ = (id) => document.getElementById(id);
const form = $("form"), panel = $("panel"), stop = $("stop");
const cells = [...form.querySelectorAll("fieldset.cell")];
const cellOf = Object.fromEntries(cells.map((cell) => [cell.dataset.path, cell]));
// Looked for once: all of them are gone through after every key.
const inputsOf = new Map(cells.map((cell) => [cell, [...cell.querySelectorAll("input")]]));
const toldOf = new Map(cells.map((cell) => [cell, cell.querySelector(".told")]));
const standsOf = new Map();  // how each was shown last
const lineOf = new Map(cells.map((cell) => [cell, cell.closest(".row").querySelector(".question")]));
const cellsOf = new Map([...form.querySelectorAll(".row")].map((row) => [row, [...row.querySelectorAll(".cell")]]));
let number = 0, asked = 0, busy = false, unsaved = false, resting, first = null, opening = null;
let goOn = new Set(), alarms = [];

// -- answers ----------------------------------------------------------------------------------

const inputs = (cell) => inputsOf.get(cell);

function value(cell) {
  if (cell.dataset.kind === "list") return inputs(cell).filter((i) => i.checked).map((i) => i.value).join(" ");
  const picked = inputs(cell).find((i) => i.type === "radio" && i.checked);
  const written = inputs(cell).find((i) => i.type !== "radio");
  return picked ? picked.value : written ? written.value.trim() : "";
}

function put(cell, text) {
  const words = text.split(" ");
  for (const input of inputs(cell)) {
    if (input.type === "checkbox") input.checked = words.includes(input.value);
    else if (input.type === "radio") input.checked = input.value === text;
    else input.value = text;
  }
}

function typed() {
  const found = {};
  for (const cell of cells) if (value(cell)) found[cell.dataset.path] = value(cell);
  return found;
}

function fill(answers) {
  for (const cell of cells) {
    delete cell.dataset.anyway;
    put(cell, answers[cell.dataset.path] || "");
  }
  goOn = new Set();
  change();
  unsaved = false;
}

function answered(cell, input) {
  if (input && input.type === "checkbox" && input.checked) {
    const none = input.value === "none_of_these";
    for (const other of inputs(cell)) if ((other.value === "none_of_these") !== none) other.checked = false;
  }
  if (cell.dataset.needs && value(cell)) for (const path of cell.dataset.needs.split(" ").filter(Boolean)) {
    const usual = cellOf[path].dataset.usual || "";
    if (!value(cellOf[path])) put(cellOf[path], usual.startsWith("=") ? value(cellOf[usual.slice(1)]) : usual);
  }
  change();
}

// -- asking the server ------------------------------------------------------------------------

async function post(path, more) {
  const body = JSON.stringify({ number, typed: typed(), ...more });
  const reply = await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body });
  if (!reply.ok && reply.status !== 422) throw new Error(await reply.text());
  return reply.json();
}

function change() {
  number += 1;
  unsaved = true;
  clearTimeout(resting);
  pump();
}

// One change is on its way at a time; an answer to an older one is thrown away.
async function pump() {
  if (busy) return;
  busy = true;
  const late = setTimeout(() => panel.setAttribute("aria-busy", "true"), 400);
  try {
    while (asked < number) {
      asked = number;
      const reply = await post("/change");
      if (reply.number === number) show(reply);
    }
    say("");
  } catch (error) {
    asked = -1;
    panel.setAttribute("aria-busy", "true");
    say("The server does not answer: what stands at the side is not up to date. Your answers are still here.");
  }
  clearTimeout(late);
  busy = false;
  resting = setTimeout(rest, 400);
}

async function rest() {
  if (asked !== number) return;
  try {
    const reply = await post("/rest");
    if (reply.number !== number) return;
    keeping($("ahead"), reply.ahead);
    $("paper").innerHTML = reply.paper;
    if (first) await compare();
  } catch (error) { /* The next change says it. */ }
}

function say(text) {
  $("toast").textContent = text;
}

// -- showing ----------------------------------------------------------------------------------

// What was opened stays open. Parts at the beginning and at the end that say the same as before are
// left as they stand, unless a proof is open in one: it is asked for again, it could be another.
const stood = new WeakMap();

function keeping(place, html) {
  const kept = (details) => details.dataset.keep || details.querySelector("summary").textContent;
  const open = new Map([...place.querySelectorAll("details")].map((d) => [kept(d), d.open]));
  const made = document.createElement("template"), before = stood.get(place) || [];
  made.innerHTML = html;
  const old = [...place.children], parts = [...made.content.children], says = parts.map((part) => part.outerHTML);
  const same = (o, n) => before[o] === says[n] && !old[o].querySelector("[data-proof][open]");
  const least = Math.min(before.length, says.length);
  let from = 0, to = 0;
  while (from < least && same(from, from)) from += 1;
  while (to < least - from && same(before.length - 1 - to, says.length - 1 - to)) to += 1;
  const next = to ? old[old.length - to] : null;
  for (const part of old.slice(from, old.length - to)) part.remove();
  for (const part of parts.slice(from, parts.length - to)) {
    place.insertBefore(part, next);
    for (const details of part.querySelectorAll("details")) if (open.has(kept(details))) details.open = open.get(kept(details));
  }
  stood.set(place, says);
}

// What is set again as it is, is laid out again.
function hide(place, hidden) {
  if (place.hidden !== hidden) place.hidden = hidden;
}

function show(reply) {
  panel.removeAttribute("aria-busy");
  keeping(panel, reply.panel);
  if ($("said").textContent !== reply.said) $("said").textContent = reply.said;
  for (const cell of cells) state(cell, reply.questions[cell.dataset.path]);
  for (const place of form.querySelectorAll("[data-drawing]")) {
    const drawn = reply.drawings[place.dataset.drawing];
    hide(place, !drawn);
    if (drawn && place.title !== drawn.said) {
      place.innerHTML = drawn.svg;
      place.title = drawn.said;
    }
  }
  alarms = reply.alarms;
  arrange();
}

function state(cell, found) {
  const now = value(cell), stands = JSON.stringify([now, found, cell.dataset.anyway]);
  if (standsOf.get(cell) === stands) return;
  standsOf.set(cell, stands);
  cell.classList.toggle("off", !found);
  cell.classList.toggle("further", Boolean(found && found.further));
  cell.classList.toggle("given", Boolean(now));
  const barred = Boolean(found && found.blocked && !now && !cell.dataset.anyway);
  cell.classList.toggle("barred", barred);
  for (const input of inputs(cell)) input.disabled = barred;
  const told = toldOf.get(cell), line = lineOf.get(cell), said = found || {};
  told.replaceChildren();
  if (said.known) tell(told, "known", said.known);
  if (said.wrong) tell(told, "wrong", said.wrong[0].toUpperCase() + said.wrong.slice(1));
  for (const note of said.notes || []) tell(told, "doubt", note);
  if (said.blocked) tell(told, "blocked", `${now ? "Do not repeat it" : "Not to be tested"}: ${said.blocked}.`);
  if (barred) {
    const button = tell(told, "anyway", "It was tested already", "button");
    button.type = "button";
  }
  if (line.dataset.now !== (said.asked || line.dataset.text)) {
    line.dataset.now = said.asked || line.dataset.text;
    line.firstChild.data = line.dataset.now;
  }
}

function tell(place, name, text, tag = "p") {
  const made = document.createElement(tag);
  made.className = name;
  made.textContent = text;
  place.append(made);
  return made;
}

function arrange() {
  for (const [row, all] of cellsOf) {
    const here = all.filter((cell) => !cell.classList.contains("off"));
    hide(row, !here.length);
    row.classList.toggle("further", here.length > 0 && here.every((cell) => cell.classList.contains("further")));
    row.classList.toggle("given", here.some((cell) => cell.classList.contains("given")));
  }
  for (const too of form.querySelectorAll(".elsewhere")) hide(too, cellOf[too.querySelector("a").dataset.go].closest(".row").hidden);
  for (const station of form.querySelectorAll(".station")) {
    const more = station.querySelector(".more"), many = station.querySelectorAll(".row.further:not([hidden])").length;
    hide(more, !many);
    const what = more.dataset.what;
    const label = station.classList.contains("all") ? `Hide the ${what}` : `F${what.slice(1)} (${many})`;
    if (more.textContent !== label) more.textContent = label;  // written anew, it is laid out anew
  }
  const fresh = alarms.filter((each) => !goOn.has(each));
  form.classList.toggle("stopped", fresh.length > 0);
  hide(stop, !alarms.length);
  if (!alarms.length) return;
  const flag = panel.querySelector(".alarms .flag");
  stop.replaceChildren();
  stop.className = flag.className.replace("flag", "stop");
  const head = [...flag.querySelector("h2").childNodes].map((part) => part.textContent.trim());
  tell(stop, "head", `Stop here. ${head.filter(Boolean).join(": ")}`);
  tell(stop, "do", flag.querySelector(".do").textContent);
  if (fresh.length) Object.assign(tell(stop, "go", "Go on asking", "button"), { type: "button", id: "go" });
}

// -- proofs, re-test, paper ---------------------------------------------------------------------

document.addEventListener("toggle", async (event) => {
  const details = event.target, place = details.querySelector(":scope > .proof");
  if (!details.open || !place || place.childElementCount) return;
  const reply = await post("/proof", { names: details.dataset.proof });
  if (reply.number === number) place.innerHTML = reply.proof;
}, true);

async function compare() {
  const reply = await post("/re-test", first);
  $("retest").hidden = !first;
  if (reply.problems) problems(reply.problems, "These two cannot be compared.");
  else if (reply.number === number) $("retest").innerHTML = reply.retest;
}

// The first examination of one patient never stands beside another's: a new case stands alone.
function alone() {
  first = null;
  $("retest").hidden = true;
  $("retest").replaceChildren();
}

async function printed() {
  clearTimeout(resting);
  while (busy) await new Promise((done) => setTimeout(done, 20));
  await rest();
  window.print();
}

// -- files --------------------------------------------------------------------------------------

const leave = () => !unsaved || window.confirm("There are answers that are not saved. Leave them?");

function problems(found, head) {
  const place = $("problems");
  place.replaceChildren();
  if (!found.length) return;
  tell(place, "head", head);
  const list = tell(place, "", "", "ul");
  for (const each of found) {
    const item = tell(list, "", "", "li");
    if (cellOf[each.field]) Object.assign(tell(item, "", each.says, "a"), { href: "#q" }).dataset.go = each.field;
    else item.textContent = each.says;
  }
  place.focus();
}

async function save() {
  const saved = number;
  const reply = await post("/save", { state: form.dataset.state, aside: form.dataset.aside === "yes" });
  problems(reply.problems || [], "Nothing was saved.");
  if (reply.problems) return;
  if (reply.text !== undefined) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([reply.text], { type: "application/yaml" }));
    link.download = reply.name;
    link.click();
    URL.revokeObjectURL(link.href);
  } else form.dataset.state = reply.state;
  unsaved = saved !== number;
  say(`Saved: ${reply.saved || reply.name}`);
}

async function open(file) {
  const reply = await fetch("/open", { method: "POST", headers: { "x-name": encodeURIComponent(file.name) }, body: file });
  if (reply.status === 413) return problems([{ says: await reply.text() }], `${file.name} was not opened.`);
  const told = await reply.json();
  problems(told.problems || [], `${file.name} was not opened: mend it and open it again.`);
  if (told.problems) return;
  alone();
  form.dataset.aside = "yes";
  fill(told.typed);
  problems(told.remarks, `${file.name} was opened. Of what is in it:`);
}

$("file").addEventListener("change", async () => {
  const [file] = $("file").files, what = opening;
  $("file").value = "";
  if (!file) return;
  if (what === "open") return open(file);
  first = { first: await file.text(), name: file.name };
  await compare();
});

const actions = {
  new: () => {
    if (!leave()) return;
    alone();
    form.dataset.aside = "yes";
    problems([], "");
    fill(JSON.parse(form.dataset.blank));
  },
  open: () => leave() && choose("open"),
  again: () => choose("again"),
  print: printed,
  save,
  alone,
  go: () => { alarms.forEach((each) => goOn.add(each)); arrange(); },
};

function choose(what) {
  opening = what;
  $("file").click();
}

// -- hands --------------------------------------------------------------------------------------

document.addEventListener("click", async (event) => {
  const target = event.target.closest("button, a");
  if (!target) return;
  if (actions[target.id]) actions[target.id]();
  else if (target.classList.contains("more")) {
    const all = target.closest(".station").classList.toggle("all");
    target.setAttribute("aria-expanded", String(all));
    arrange();
  } else if (target.classList.contains("anyway")) {
    const cell = target.closest(".cell");
    cell.dataset.anyway = "yes";
    cell.classList.remove("barred");
    for (const input of inputs(cell)) input.disabled = false;
    inputs(cell)[0].focus();
  } else if (target.dataset.go) {
    event.preventDefault();
    const named = cellOf[target.dataset.go];
    const cell = named.classList.contains("off") ? named.closest(".row").querySelector(".cell:not(.off)") : named;
    if (cell.classList.contains("further")) cell.closest(".station").classList.add("all");
    (cell.querySelector("input:checked") || cell.querySelector("input")).focus();
    cell.scrollIntoView({ block: "center" });
  } else if (target.dataset.copy) {
    await navigator.clipboard.writeText($(target.dataset.copy).innerText);
    say("Copied.");
  }
});

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", (event) => {
  const cell = event.target.closest("fieldset.cell");
  if (cell) answered(cell, event.target);
});

form.addEventListener("keydown", (event) => {
  const cell = event.target.closest("fieldset.cell");
  if (!cell || event.ctrlKey || event.metaKey || event.altKey || event.target.tagName !== "INPUT") return;
  if (event.key === "Enter") return onward(event, cell);
  if (event.target.type !== "radio" && event.target.type !== "checkbox") return;
  if (event.key === "Backspace" || event.key === "Delete") put(cell, "");
  else if (event.key === "?") {
    const help = cell.closest(".row").querySelector(".help");
    if (help) help.open = !help.open;
    return event.preventDefault();
  } else {
    const key = event.key.toLowerCase();
    const pick = key.length === 1 && (pickOf(cell, key) || oneLeg(cell, key));
    if (!pick) return;
    pick.checked = pick.type === "radio" || !pick.checked;
    pick.focus();
    event.preventDefault();
    return answered(cell, pick);
  }
  event.preventDefault();
  const rest = cell.querySelector("input:checked");
  if (rest) rest.focus();
  answered(cell);
});

const pickOf = (cell, key) => inputs(cell).find((input) => (input.dataset.keys || "").includes(key) && !input.disabled);

// "l" or "r" where both legs are asked yes or no: this leg, and not the other.
function oneLeg(cell, key) {
  const side = { l: "left.", r: "right." }[key], legs = [...cell.closest(".row").querySelectorAll(".cell:not(.off)")];
  if (!side || legs.length < 2) return null;
  const picks = legs.map((each) => pickOf(each, each.dataset.path.startsWith(side) ? "y" : "n"));
  if (!picks.every(Boolean)) return null;
  for (const pick of picks) pick.checked = true;
  return picks.find((pick) => pick.name.startsWith(side));
}

// A question that is left open is passed over for both legs.
function onward(event, cell) {
  event.preventDefault();
  const passed = value(cell) ? null : cell.closest(".row");
  const open = (each) => each.checkVisibility({ visibilityProperty: true }) && !value(each) &&
    !each.classList.contains("barred") && !each.querySelector(".known");
  const to = cells.slice(cells.indexOf(cell) + 1).find((each) => each.closest(".row") !== passed && open(each));
  if (to) (to.querySelector("input:checked") || to.querySelector("input")).focus();
}

document.addEventListener("keydown", (event) => {
  if (!event.ctrlKey && !event.metaKey) return;
  const does = { s: save, p: printed }[event.key.toLowerCase()];
  if (does) {
    event.preventDefault();
    does();
  }
});

window.addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});

form.reset();
change();
unsaved = false;
cells[0].querySelector("input").focus({ preventScroll: true });
