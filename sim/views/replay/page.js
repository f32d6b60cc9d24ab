"use strict";
// The replay's page: reads the data, keeps the day, draws the panels. What a person's story says is in story.js.
const D = JSON.parse(document.getElementById("data").textContent);
const by = (id) => document.getElementById(id);
const NOTHING = 65535, SEE = 0, ENGAGE = 1, SHARE = 3, BUY = 4;
const SAW = 1, ENGAGED = 2, SHARED = 3, BOUGHT = 4;

function numbers(text, Kind) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return new Kind(bytes.buffer);
}

function readPeople() {
  D.id = numbers(D.id, Uint32Array);
  D.community = numbers(D.community, Uint16Array);
  D.x = Float32Array.from(numbers(D.x, Uint16Array), (v) => v / NOTHING);
  D.y = Float32Array.from(numbers(D.y, Uint16Array), (v) => v / NOTHING);
  D.niche = numbers(D.niche, Uint16Array);
  D.region = numbers(D.region, Uint16Array);
  D.need = numbers(D.need, Float32Array);
  D.owner = numbers(D.owner, Uint8Array);
  D.tieStart = numbers(D.tieStart, Uint32Array);
  D.tieTo = numbers(D.tieTo, Uint16Array);
  D.placeOf = new Map(Array.from(D.id, (id, place) => [id, place]));
}

function readPlan(plan) {
  const kinds = { day: Uint16Array, person: Uint16Array, kind: Uint8Array, post: Uint16Array, shower: Uint32Array,
    value: Uint16Array };
  for (const name in kinds) plan.events[name] = numbers(plan.events[name], kinds[name]);
  for (const name in plan.minds) plan.minds[name] = numbers(plan.minds[name], name === "mostDay" ? Uint16Array : Float32Array);
  for (const creator of plan.creators) creator.audience = new Set(numbers(creator.audience, Uint16Array));
  const e = plan.events, n = e.day.length;
  plan.first = [SAW, ENGAGED, SHARED, BOUGHT].map(() => new Uint16Array(D.n).fill(NOTHING));
  const level = { [SEE]: 0, [ENGAGE]: 1, [SHARE]: 2, [BUY]: 3 };
  plan.dayStart = new Uint32Array(D.days + 1);
  plan.rows = Array.from({ length: D.n }, () => []);
  for (let i = 0; i < n; i++) {
    plan.dayStart[e.day[i] + 1]++;
    plan.rows[e.person[i]].push(i);
    const first = plan.first[level[e.kind[i]]];
    if (first && first[e.person[i]] > e.day[i]) first[e.person[i]] = e.day[i];
  }
  for (let d = 0; d < D.days; d++) plan.dayStart[d + 1] += plan.dayStart[d];
}

// The highest thing a person has done by the end of a day: 0 nothing, SAW, ENGAGED, SHARED, BOUGHT.
function levelOn(plan, person, day) {
  for (let level = BOUGHT; level >= SAW; level--) if (plan.first[level - 1][person] <= day) return level;
  return 0;
}

// --- the panels ----------------------------------------------------------------------------------------------

let day = 0, part = 1, playing = false, before = 0, chosen = -1, pinned = false;
const still = matchMedia("(prefers-reduced-motion: reduce)");
const panels = [];

function colour(name) { return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim(); }

function makePanel(plan, number) {
  const canvas = by("canvas" + number), panel = { plan, canvas, number, context: canvas.getContext("2d") };
  panel.base = document.createElement("canvas");
  canvas.addEventListener("pointermove", (event) => { if (!pinned) choose(personAt(panel, event)); });
  canvas.addEventListener("click", (event) => {
    const person = personAt(panel, event);
    pinned = person >= 0 && !(pinned && person === chosen);
    choose(person);
  });
  panels.push(panel);
}

function size(panel) {
  const width = Math.round(panel.canvas.clientWidth), ratio = window.devicePixelRatio || 1;
  const k = panel.plan.creators.length, rows = Math.max(1, Math.ceil(k / Math.max(1, Math.floor(width / 30))));
  panel.width = width; panel.band = 22 + 34 * rows; panel.rows = rows;
  panel.scale = Math.min(width, 620) - 8;
  panel.left = (width - panel.scale) / 2; panel.top = panel.band + 4;
  panel.height = panel.top + panel.scale + 4; panel.ratio = ratio;
  for (const one of [panel.canvas, panel.base]) { one.width = width * ratio; one.height = panel.height * ratio; }
  panel.canvas.style.height = panel.height + "px";
  panel.dot = Math.max(1, Math.min(3.2, 0.33 * panel.scale / Math.sqrt(D.n)));
  const across = Math.ceil(k / rows);
  panel.creators = panel.plan.creators.map((creator, c) => {
    const row = Math.floor(c / across), count = Math.min(across, k - row * across);
    return { x: width * (c % across + 0.5) / count, y: 12 + 34 * row, room: width / count };
  });
  makeGrid(panel);
}

const px = (panel, person) => panel.left + D.x[person] * panel.scale;
const py = (panel, person) => panel.top + D.y[person] * panel.scale;

function marks(context, level, x, y, r) {
  if (level === ENGAGED) context.rect(x - r, y - r, 2 * r, 2 * r);
  else if (level === SHARED) {
    context.moveTo(x, y - 1.5 * r); context.lineTo(x + 1.5 * r, y); context.lineTo(x, y + 1.5 * r);
    context.lineTo(x - 1.5 * r, y); context.closePath();
  } else if (level === BOUGHT) {
    for (let k = 0; k < 10; k++) {
      const away = (k % 2 ? 0.45 : 1) * r, angle = Math.PI * (k / 5 - 0.5);
      context[k ? "lineTo" : "moveTo"](x + away * Math.cos(angle), y + away * Math.sin(angle));
    }
    context.closePath();
  } else { context.moveTo(x + r, y); context.arc(x, y, r, 0, 2 * Math.PI); }
}

const LEVELS = ["unseen", "saw", "engaged", "shared", "bought"], SIZES = [0.8, 1.25, 1.5, 1.9, 3.4];

function drawBase(panel) {
  const context = panel.base.getContext("2d"), { width, height, ratio, plan } = panel;
  if (!width) return;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = colour("back"); context.fillRect(0, 0, width, height);
  for (const [x, y, r, byLot] of D.discs) {
    context.beginPath();
    context.arc(panel.left + x * panel.scale, panel.top + y * panel.scale, r * panel.scale + 1, 0, 2 * Math.PI);
    context.fillStyle = colour("disc"); context.fill();
    context.strokeStyle = colour("edge"); context.setLineDash(byLot ? [] : [3, 3]); context.lineWidth = 0.7;
    context.stroke();
  }
  context.setLineDash([]);
  const groups = LEVELS.map(() => []);
  for (let person = 0; person < D.n; person++) groups[levelOn(plan, person, day)].push(person);
  const unmoved = groups[BOUGHT].filter((person) => plan.first[0][person] > plan.first[BOUGHT - 1][person]);
  groups[BOUGHT] = groups[BOUGHT].filter((person) => plan.first[0][person] <= plan.first[BOUGHT - 1][person]);
  groups.forEach((people, level) => {
    const least = [0, 1.6, 2.2, 2.4, 5][level], r = Math.max(least, panel.dot * SIZES[level]);
    const draw = (drawn, fill) => {
      context.beginPath();
      for (const person of drawn) marks(context, level, px(panel, person), py(panel, person), r);
      context.fillStyle = colour(fill); context.fill();
      if (level >= SHARED) { context.strokeStyle = colour("ink"); context.lineWidth = 0.8; context.stroke(); }
    };
    draw(people, LEVELS[level]);
    if (level === BOUGHT) draw(unmoved, "back");
  });
}

function drawCreators(panel, context) {
  const { plan } = panel, live = new Set(plan.posts.filter((post) => post.day === day && post.c !== undefined).map((p) => p.c));
  context.textAlign = "center"; context.textBaseline = "top";
  panel.creators.forEach(({ x, y, room }, c) => {
    const posted = plan.posts.filter((post) => post.c === c && post.day <= day).length, name = plan.creators[c].handle;
    context.beginPath(); context.rect(x - 6, y - 6, 12, 12);
    context.fillStyle = posted ? colour("post") : colour("back"); context.fill();
    context.lineWidth = live.has(c) ? 3 : 1.2; context.strokeStyle = live.has(c) ? colour("bought") : colour("ink");
    context.stroke();
    context.fillStyle = colour("ink");
    context.font = (live.has(c) ? "bold " : "") + "11px system-ui, sans-serif";
    let text = name;
    while (text.length > 1 && context.measureText(text + "…").width > room - 2) text = text.slice(0, -1);
    text = context.measureText(name).width <= room - 2 ? name : text + "…";
    context.strokeStyle = colour("back"); context.lineWidth = 4; context.strokeText(text, x, y + 10);
    context.fillText(text, x, y + 10);
  });
}

// Today's lines: from whom each person saw something. share: how far the day has gone, 0 to 1.
function drawToday(panel, share) {
  const { context, plan, ratio } = panel, e = plan.events;
  if (!panel.width) return;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.drawImage(panel.base, 0, 0);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  const groups = { post: [], tip: [], pass: [] };
  for (let i = plan.dayStart[day]; i < plan.dayStart[day + 1]; i++) {
    if (e.kind[i] !== SEE) continue;
    const post = plan.posts[e.post[i]], x = px(panel, e.person[i]), y = py(panel, e.person[i]);
    if (e.shower[i] === D.byAuthor || e.shower[i] === D.recommended) {
      if (post.c === undefined) continue;
      const from = panel.creators[post.c];
      groups[e.shower[i] === D.byAuthor ? "post" : "tip"].push([from.x, from.y + 6, x, y]);
    } else if (D.placeOf.has(e.shower[i])) {
      const from = D.placeOf.get(e.shower[i]);
      groups.pass.push([px(panel, from), py(panel, from), x, y]);
    }
  }
  for (const name in groups) {
    context.beginPath();
    for (const [x0, y0, x, y] of groups[name]) {
      context.moveTo(x0, y0); context.lineTo(x0 + share * (x - x0), y0 + share * (y - y0));
    }
    context.setLineDash(name === "tip" ? [4, 4] : []);
    context.globalAlpha = name === "pass" ? 0.95 : Math.max(0.2, Math.min(0.7, 60 / (1 + groups[name].length)));
    context.lineWidth = name === "pass" ? 1.8 : 1; context.strokeStyle = colour(name); context.stroke();
  }
  context.setLineDash([]); context.globalAlpha = 1;
  drawCreators(panel, context);
  if (chosen >= 0) drawChosen(panel);
}

function drawChosen(panel) {
  const { context } = panel, x = px(panel, chosen), y = py(panel, chosen);
  context.beginPath();
  for (let i = D.tieStart[chosen]; i < D.tieStart[chosen + 1]; i++) {
    context.moveTo(x, y); context.lineTo(px(panel, D.tieTo[i]), py(panel, D.tieTo[i]));
  }
  context.strokeStyle = colour("edge"); context.lineWidth = 0.8; context.stroke();
  context.beginPath(); context.arc(x, y, 9, 0, 2 * Math.PI);
  context.strokeStyle = colour("ink"); context.lineWidth = 2.2; context.stroke();
}

// --- who is under the pointer --------------------------------------------------------------------------------

const CELLS = 48;
function makeGrid(panel) {
  if (panel.grid) return;
  panel.grid = panels.length && panels[0].grid ? panels[0].grid : Array.from({ length: CELLS * CELLS }, () => []);
  if (panels[0] !== panel && panels[0].grid) return;
  for (let person = 0; person < D.n; person++) panel.grid[cell(D.y[person]) * CELLS + cell(D.x[person])].push(person);
}
const cell = (value) => Math.min(CELLS - 1, Math.max(0, Math.floor(value * CELLS)));

function personAt(panel, event) {
  const box = panel.canvas.getBoundingClientRect();
  const x = (event.clientX - box.left - panel.canvas.clientLeft - panel.left) / panel.scale;
  const y = (event.clientY - box.top - panel.canvas.clientTop - panel.top) / panel.scale, reach = 12 / panel.scale;
  let best = -1, least = reach * reach;
  for (let row = cell(y - reach); row <= cell(y + reach); row++) {
    for (let column = cell(x - reach); column <= cell(x + reach); column++) {
      for (const person of panel.grid[row * CELLS + column]) {
        const away = (D.x[person] - x) ** 2 + (D.y[person] - y) ** 2;
        if (away < least) { least = away; best = person; }
      }
    }
  }
  return best;
}

function choose(person) {
  if (person === chosen || (person < 0 && !pinned && chosen >= 0)) return;
  chosen = person;
  tell(person);
  for (const panel of panels) drawToday(panel, part);
}

// --- the clock -----------------------------------------------------------------------------------------------

function dayText(number) {
  const text = "Day " + number + " of " + (D.days - 1);
  if (!D.start) return text;
  const date = new Date(D.start + "T00:00:00Z");
  date.setUTCDate(date.getUTCDate() + number);
  return text + ", " + date.toISOString().slice(0, 10);
}

function show(number) {
  day = Math.max(0, Math.min(D.days - 1, number));
  by("day").value = day;
  by("day").setAttribute("aria-valuetext", dayText(day));
  by("when").textContent = dayText(day);
  for (const panel of panels) { drawBase(panel); drawToday(panel, part); count(panel); }
}

function count(panel) {
  const { plan, number } = panel;
  for (const name in plan.whole) {
    by("whole" + number + name).textContent = plan.whole[name][day].toLocaleString("en");
    by("here" + number + name).textContent = plan.here[name][day].toLocaleString("en");
  }
  const posts = plan.posts.filter((post) => post.c !== undefined && post.day === day);
  const named = posts.slice(0, 6).map((post) => postName(plan, post));
  if (posts.length > 6) named.push(posts.length - 6 + " more");
  by("today" + number).textContent = named.length ? "Live today: " + named.join(", ") + "." : "No new post today.";
}

function step(by_) { pause(); part = 1; show(day + by_); }

function pause() {
  playing = false; part = 1;
  by("play").textContent = "Play";
  by("when").setAttribute("aria-live", "polite");
}

function play() {
  if (day >= D.days - 1) { part = 1; show(0); }
  playing = true; before = 0;
  by("play").textContent = "Pause";
  by("when").setAttribute("aria-live", "off");
  requestAnimationFrame(tick);
}

// One frame. A day takes 1/speed seconds; with reduced motion lines stand still and only the day changes.
function tick(now) {
  if (!playing) return;
  if (!before) { before = now; part = still.matches ? 1 : 0; }
  const length = 1000 / Number(by("speed").value);
  if (now - before >= length) {
    const gone = Math.floor((now - before) / length);
    before += gone * length;
    if (day + gone > D.days - 1) { pause(); show(D.days - 1); return; }
    part = still.matches ? 1 : 0;
    show(day + gone);
  } else if (!still.matches) {
    part = Math.min(1, (now - before) / length);
    for (const panel of panels) drawToday(panel, part);
  }
  requestAnimationFrame(tick);
}

function toggle() { if (playing) { pause(); show(day); } else play(); }

function faster(by_) {
  const speed = by("speed");
  speed.selectedIndex = Math.max(0, Math.min(speed.options.length - 1, speed.selectedIndex + by_));
}

function key(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const at = event.target, inside = by("player").contains(at) || at === document.body;
  if (!inside || at.matches("input, select, textarea, .scroll")) return;
  const does = { ArrowRight: () => step(1), ArrowLeft: () => step(-1), Home: () => step(-D.days), End: () => step(D.days) };
  if (at === by("player")) { does.ArrowUp = () => faster(1); does.ArrowDown = () => faster(-1); }
  if (!at.matches("button")) does[" "] = toggle;
  if (at === document.body) { delete does.Home; delete does.End; }
  if (does[event.key]) { event.preventDefault(); does[event.key](); }
}
