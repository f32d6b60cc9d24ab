// A person's story in words: who they are, what they saw from whom in each plan, and why they bought or did not.
const whole = (value) => Math.round(value).toLocaleString("en");
const CLICK = 2, TALK = 5, UNFOLLOW = 6, FOLLOW = 7, BUY_AGAIN = 8, FEELS = 9;

function percent(share) {
  const value = 100 * share;
  return (value === 0 ? "0" : value < 0.0001 ? "below 0.0001" : String(Number(value.toPrecision(2)))) + " %";
}

const nameOf = (number) => (D.names && D.names[number]) || "person " + number;

function postName(plan, post) {
  if (post.c === undefined) {
    const writer = nameOf(post.p), about = post.word > 0 ? "a good word" : post.word < 0 ? "a bad word" : "a post";
    return about + " by " + writer + (post.seed ? ", who was given the product" : ", who had bought");
  }
  const form = post.form === "post" ? "post " + post.n : post.form + " (post " + post.n + ")";
  return plan.creators[post.c].handle + "’s " + form + (post.ad ? "" : ", not said to be an ad");
}

function howSeen(plan, row) {
  const e = plan.events, post = plan.posts[e.post[row]], shower = e.shower[row];
  if (shower === D.byAuthor) return "followed";
  if (shower === D.recommended) return "recommended by the feed";
  return post.p === shower ? "from them" : "passed on by " + nameOf(shower);
}

function actText(plan, row) {
  const e = plan.events, value = e.value[row];
  switch (e.kind[row]) {
    case ENGAGE: return "engaged";
    case CLICK: return "clicked";
    case SHARE: return "shared it";
    case UNFOLLOW: return "stopped following " + plan.creators[plan.posts[e.post[row]].c].handle;
    case FOLLOW: return "began to follow " + plan.creators[plan.posts[e.post[row]].c].handle;
    case TALK: return value ? "told friends something good about it" : "told friends something bad about it";
    case BUY_AGAIN: return "bought again";
    case FEELS: return "attitude that evening " + (value / NOTHING).toFixed(3);
  }
  return "";
}

function bought(plan, person, row) {
  const seller = plan.events.value[row], chance = percent(plan.minds.last[person]);
  const credit = seller ? "credited to " + plan.creators[seller - 1].handle + ", whose link was clicked last"
    : "no creator’s link was clicked";
  return "bought for the first time (chance that day " + chance + ", price " + D.price + " " + D.currency +
    (discounts(plan) ? " before any code" : "") + "; " + credit + ")";
}

const discounts = (plan) => plan.posts.some((post) => post.code > 0);

function storyLines(plan, person) {
  const e = plan.events, lines = [];
  let last = null;
  for (const row of plan.rows[person]) {
    const kind = e.kind[row], same = last && last.day === e.day[row];
    if (kind === SEE) {
      const trust = (e.value[row] / NOTHING).toFixed(2);
      last = { day: e.day[row], text: "saw " + postName(plan, plan.posts[e.post[row]]) + " (" + howSeen(plan, row) +
        "; trust " + trust + ")" };
      lines.push(last);
    } else {
      const text = kind === BUY ? bought(plan, person, row) : actText(plan, row);
      if (same) last.text += (kind === FEELS ? "; " : kind === BUY ? "; " : ", ") + text;
      else { last = { day: e.day[row], text }; lines.push(last); }
    }
  }
  if (plan.given[person] !== undefined) lines.push({ day: plan.given[person], text: "was given the product" });
  return lines.sort((a, b) => a.day - b.day).map((line) => "Day " + line.day + ": " + line.text);
}

function why(plan, person) {
  const m = plan.minds, saw = plan.first[0][person] < NOTHING;
  if (plan.first[3][person] < NOTHING) {
    return "In the market. Without having seen anything the chance would have been " + percent(m.alone[person]) + " a day.";
  }
  if (plan.given[person] !== undefined) return "Did not buy: was given the product.";
  if (!D.need[person]) return "Did not buy: not in the market for it" + (saw ? "." : ", and never saw it.");
  const over = percent(m.any[person]) + " over " + D.days + " days";
  if (!saw) return "In the market, but never saw it: the chance stayed at " + percent(m.alone[person]) + " a day, " + over + ". Did not buy.";
  return "In the market. The chance was " + percent(m.alone[person]) + " a day before seeing anything and at most " +
    percent(m.most[person]) + " (day " + m.mostDay[person] + "), " + over + ". Did not buy.";
}

function whoText(person) {
  const follows = [];
  for (const { creators } of D.plans) {
    for (const { handle, audience } of creators) if (audience.has(person) && !follows.includes(handle)) follows.push(handle);
  }
  const parts = ["community " + D.community[person] + (D.byLot[D.community[person]] ? "" : " (one of the busiest)")];
  if (D.niches.length > 1) parts.push("interest: " + D.niches[D.niche[person]]);
  if (D.regions.length > 1) parts.push("region: " + D.regions[D.region[person]]);
  parts.push(follows.length ? "followed " + follows.join(", ") + " at the start" : "followed none of these creators at the start");
  parts.push(D.need[person] ? "in the market (need " + D.need[person].toFixed(2) + ")" : "not in the market");
  if (D.owner[person]) parts.push("owned the brand before");
  return parts.join(" · ");
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

function tell(person) {
  const story = by("story");
  story.replaceChildren();
  if (person < 0) { story.append(element("p", "Nobody chosen.")); return; }
  by("person").value = D.id[person];
  const called = nameOf(D.id[person]);
  story.append(element("h3", called[0].toUpperCase() + called.slice(1)), element("p", whoText(person)));
  const both = element("div", "");
  both.className = "stories";
  for (const plan of D.plans) {
    const part = element("div", ""), list = document.createElement("ol"), lines = storyLines(plan, person);
    part.append(element("h3", "With " + plan.name));
    for (const line of lines) list.append(element("li", line));
    part.append(lines.length ? list : element("p", "Saw nothing."), element("p", why(plan, person)));
    both.append(part);
  }
  story.append(both);
}

// --- choosing a person by keyboard ---------------------------------------------------------------------------

const WANTED = {
  story: (plan, person) => plan.rows[person].length > 0,
  bought: (plan, person) => plan.first[3][person] < NOTHING,
  shared: (plan, person) => plan.first[2][person] < NOTHING,
  engaged: (plan, person) => plan.first[1][person] < NOTHING,
  missed: (plan, person) => D.need[person] > 0 && plan.first[0][person] === NOTHING,
};

function nextPerson(by_) {
  const wanted = WANTED[by("wanted").value];
  for (let k = 1; k <= D.n; k++) {
    const person = (((chosen < 0 && by_ < 0 ? 0 : chosen) + by_ * k) % D.n + D.n) % D.n;
    if (D.plans.some((plan) => wanted(plan, person))) { pinned = true; choose(person); return; }
  }
  by("story").replaceChildren(element("p", "Nobody among the people shown."));
}

function personNamed() {
  const place = D.placeOf.get(Number(by("person").value));
  pinned = place !== undefined;
  if (pinned) choose(place);
  else by("story").replaceChildren(element("p", "No person of that number is shown."));
}

// --- begin ---------------------------------------------------------------------------------------------------

readPeople();
D.plans.forEach(readPlan);
D.plans.forEach(makePanel);
by("play").addEventListener("click", toggle);
by("back").addEventListener("click", () => step(-1));
by("on").addEventListener("click", () => step(1));
by("begin").addEventListener("click", () => step(-D.days));
by("day").addEventListener("input", () => step(Number(by("day").value) - day));
by("next").addEventListener("click", () => nextPerson(1));
by("previous").addEventListener("click", () => nextPerson(-1));
by("person").addEventListener("change", personNamed);
document.addEventListener("keydown", key);
function redraw() { panels.forEach(size); show(day); }
new ResizeObserver(() => {
  if (panels.some((panel) => panel.width !== Math.round(panel.canvas.clientWidth))) redraw();
}).observe(by("player"));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
redraw();
window.replay = { place: (panel, person) => {
  const one = panels[panel], box = one.canvas.getBoundingClientRect();
  return [box.left + one.canvas.clientLeft + px(one, person), box.top + one.canvas.clientTop + py(one, person)];
} };
