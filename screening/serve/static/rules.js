"use strict";
// Search as you type, over an index that is a script; and what a served page can ask.
const at = (id) => document.getElementById(id);

function made(tag, text, more = {}) {
  return Object.assign(document.createElement(tag), { textContent: text }, more);
}

const search = at("search");
if (search) search.addEventListener("input", () => {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const place = at("hits");
  place.replaceChildren();
  if (!words.length) return;
  const whole = ([id, kind, title, text]) => `${id} ${title} ${text}`.toLowerCase();
  const rank = ([id, kind, title]) => id.toLowerCase().includes(words[0]) ? 0 : title.toLowerCase().includes(words[0]) ? 1 : 2;
  const found = INDEX.filter((row) => words.every((word) => whole(row).includes(word))).sort((a, b) => rank(a) - rank(b));
  place.append(made("p", `${found.length} found`));
  const list = made("ul", "", { className: "ids" });
  for (const [id, kind, title] of found.slice(0, 50)) {
    const item = made("li", "");
    item.append(made("a", title || id, { href: `${id}.html` }), made("span", ` ${kind} · ${id}`, { className: "quiet" }));
    list.append(item);
  }
  place.append(list);
});

async function ask(path, body, place) {
  const reply = await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  const told = await reply.json();
  place.replaceChildren();
  for (const each of told.problems || []) place.append(made("p", each.says, { className: "bad" }));
  return told;
}

const move = at("move");
if (move) move.addEventListener("submit", async (event) => {
  event.preventDefault();
  at("moved").replaceChildren(made("p", "Reading every case of the library …"));
  const told = await ask("/rules/move", { id: move.dataset.id, value: at("value").value }, at("moved"));
  if (told.problems) return;
  at("moved").append(made("p", told.says));
  const list = made("dl", "", { className: "changes" });
  for (const [name, changes] of Object.entries(told.changes)) {
    list.append(made("dt", name), ...changes.map((each) => made("dd", each)));
  }
  at("moved").append(list);
});

const sign = at("sign");
if (sign) sign.addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = { file: sign.dataset.file, digest: sign.dataset.digest, name: at("name").value, remark: at("remark").value };
  const told = await ask("/rules/sign", body, at("signed"));
  if (told.says) at("signed").append(made("p", told.says));
});

const prove = at("prove");
if (prove) prove.addEventListener("submit", async (event) => {
  event.preventDefault();
  at("proved").replaceChildren(made("p", "Asking the solver about all cases there could ever be …"));
  const told = await ask("/rules/prove", { id: prove.dataset.id }, at("proved"));
  if (told.says) at("proved").append(made("p", told.says));
});
