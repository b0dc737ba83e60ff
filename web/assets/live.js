// Pages that move by themselves. The server says which case changed; every part that shows it asks for itself again
// (`data-live-case="id"`: that case, or backtest; `data-live-list`: any case). Nothing moves under the hand: see still.js.
"use strict";
{
  const LIST_PAUSE = 800; // ms between two requests of a list
  const POLL = 10000; // while there is no stream
  const PATIENCE = 3000; // before a lost stream is made up for
  const SILENCE = 40000; // the server says something every 15 s
  const LONGEST_RETRY = 30000;
  const CLIENT_ERROR = 400, SESSION_ENDED = 401, SERVER_ERROR = 500;

  const turns = new WeakMap();
  let source = null, opened = false, deaf = false, heard = 0, attempts = 0, retry = 0, ticked = Date.now();

  const parts = () => [...document.querySelectorAll("[data-live-case], [data-live-list]")];
  const isOpen = () => source?.readyState === EventSource.OPEN;

  function say(state) {
    document.documentElement.dataset.stream = state;
    for (const strip of document.querySelectorAll("[data-strip]")) strip.hidden = strip.dataset.strip !== state;
  }

  // HINT: something changed; BACK: the page was away; ASKED: the reader wants to see it all.
  const HINT = 0, BACK = 1, ASKED = 2;
  function ask(part, why = HINT) {
    if (!turns.has(part)) turns.set(part, { asked: 0, why: HINT, timer: 0, busy: false, again: false });
    const turn = turns.get(part);
    turn.why = Math.max(turn.why, why);
    turn.again = turn.busy;
    if (turn.timer || turn.busy) return;
    const pause = part.matches("[data-live-list]") && why !== ASKED ? turn.asked + LIST_PAUSE - Date.now() : 0;
    turn.timer = setTimeout(() => renew(part, turn), Math.max(pause, 0));
  }
  const askAll = (why) => parts().forEach((part) => ask(part, why));

  async function renew(part, turn) {
    const why = turn.why;
    Object.assign(turn, { asked: Date.now(), why: HINT, timer: 0, busy: true, again: false });
    const shown = await request(part, why).catch(() => false);
    turn.busy = false;
    const now = part.isConnected ? part : document.getElementById(part.id);
    if (!now) return;
    if (!shown) setTimeout(() => ask(now, why), PATIENCE);
    else if (turn.again || now !== part) ask(now);
  }

  // Whether the part needs no further request: it is current, or the server will not give it to this reader.
  async function request(part, why) {
    if (part.getAttribute("hx-swap") !== "outerMorph") { // it takes its answer in its own way
      htmx.trigger(part, "refresh");
      return true;
    }
    const headers = { "HX-Request": "true", "HX-Current-URL": location.href };
    const given = { headers, signal: AbortSignal.timeout(20000) };
    const answer = await fetch(part.getAttribute("hx-get"), given).catch(() => null);
    if (answer === null || answer.status >= SERVER_ERROR) {
      say("lost");
      return document.hidden;
    }
    if (answer.status === SESSION_ENDED) say("ended");
    if (answer.status >= CLIENT_ERROR) return true;
    const told = new DOMParser().parseFromString(await answer.text(), "text/html").body;
    if (!isOpen()) say(navigator.onLine ? "polling" : "lost"); // an answer may come in after the network went
    else if (!deaf) say("open");
    if (part.isConnected) await still.show(part, told.querySelector(`#${CSS.escape(part.id)}`) ?? told.firstElementChild, {
      anew: why === ASKED || (why === BACK && !still.busy(part)),
      back: why >= BACK,
    });
    return true;
  }

  function connect() {
    clearTimeout(retry);
    source?.close();
    source = null;
    if (document.hidden || parts().length === 0 || !document.body.dataset.live || !window.EventSource) return;
    if (!navigator.onLine) return say("lost"); // `online` begins again
    heard = Date.now();
    source = new EventSource(document.body.dataset.live);
    source.onopen = () => {
      heard = Date.now();
      attempts = 0;
      deaf = false;
      say("open");
      askAll(opened ? BACK : HINT);
      opened = true;
    };
    source.onerror = lost;
    const hear = (name, then) => source.addEventListener(name, (event) => {
      heard = Date.now();
      then(event.data);
    });
    hear("beat", () => {});
    hear("lost", () => {
      deaf = true;
      setTimeout(() => { if (deaf) say("lost"); }, PATIENCE);
    });
    hear("all", () => {
      deaf = false;
      say("open");
      askAll(BACK);
    });
    hear("case", (id) => {
      for (const part of parts()) {
        if (part.matches("[data-live-list]") || part.dataset.liveCase === id) ask(part);
      }
    });
    hear("backtest", (id) => {
      for (const part of parts()) if (part.dataset.liveCase === id) ask(part);
    });
  }

  function lost() {
    source?.close();
    source = null;
    if (document.documentElement.dataset.stream === "open") say("none");
    const wait = Math.min(1000 * 2 ** attempts, LONGEST_RETRY);
    attempts += 1;
    retry = setTimeout(connect, wait * (0.7 + 0.6 * Math.random()));
    if (attempts === 1) setTimeout(() => { if (!isOpen() && !document.hidden) askAll(HINT); }, PATIENCE);
  }

  // A connection can be dead without a word: after sleep, after another network, behind a proxy.
  setInterval(() => {
    const slept = Date.now() - ticked > SILENCE;
    ticked = Date.now();
    if (slept || (source && Date.now() - heard > SILENCE)) connect();
  }, POLL / 2);
  setInterval(() => {
    for (const part of document.hidden ? [] : parts()) if (still.tidy(part) || !isOpen()) ask(part);
  }, POLL);
  addEventListener("online", connect);
  addEventListener("offline", () => { if (parts().length) { lost(); say("lost"); } });
  // Hidden pages hold no connection: browsers have few of them for all tabs together.
  document.addEventListener("visibilitychange", connect);
  addEventListener("DOMContentLoaded", connect);
  document.addEventListener("htmx:after:swap", () => { if (!source) connect(); });

  // However a part is asked for, it takes up the answer in its still way.
  document.addEventListener("htmx:before:request", (event) => {
    const part = event.detail.ctx.sourceElement;
    if (!part.matches("[data-live-case], [data-live-list]") || part.getAttribute("hx-swap") !== "outerMorph") return;
    event.preventDefault();
    ask(part);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-news-of]");
    if (button) ask(document.getElementById(button.dataset.newsOf), ASKED);
  });
}
