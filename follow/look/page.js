/* Keeps a turn's page new: server-sent events, or asking from time to time where those do not come through; rings
   (ring.js) when the turn is called. The page is whole without it. ES5: phones of 2016 run it as it stands. */
(function () {
  "use strict";

  var ASK_S = 10, LOST_S = 40;
  var page = document.getElementById("page"), turn = document.getElementById("turn");
  var acts = document.getElementById("acts"), lost = document.getElementById("lost");
  var ring = window.dawrRing(document.getElementById("sound"));
  var here = location.pathname.replace(/\/+$/, ""), query = "?lang=" + page.getAttribute("data-lang");
  var mark = page.getAttribute("data-v"), rings = Number(page.getAttribute("data-rings"));
  var heard = Date.now(), source = null, asking = null, asked = 0;

  function show(said) {
    news();
    if (said.phase === "called" && said.rings > rings) {
      ring();
    }
    rings = said.rings;
    if (said.v === mark) {
      return;
    }
    mark = said.v;
    document.title = said.number + " · " + said.title;
    document.getElementById("service").textContent = said.service;
    document.body.className = "is-" + said.phase;
    turn.innerHTML = said.turn;
    if (!page.hasAttribute("data-asks") || said.acts.indexOf("ask=leave") < 0) {
      acts.innerHTML = said.acts;
      page.removeAttribute("data-asks");
    }
    if (said.phase === "called") {
      window.scrollTo(0, 0);
    }
  }

  function news() {
    heard = Date.now();
    lost.hidden = true;
  }

  function follow() {
    if (!window.EventSource) {
      ask();
      return;
    }
    stop();
    source = new EventSource(here + "/live" + query);
    source.onmessage = function (event) { show(JSON.parse(event.data)); };
    source.addEventListener("beat", news);
    source.onopen = news;
    source.onerror = function () {
      if (source && source.readyState === 2) {
        stop();
        ask();
      }
    };
  }

  function stop() {
    if (source) {
      source.close();
      source = null;
    }
    clearTimeout(asking);
  }

  function ask() {
    var request = new XMLHttpRequest();
    clearTimeout(asking);
    asking = setTimeout(++asked % 6 === 0 ? follow : ask, ASK_S * 1000);
    request.open("GET", here + "/now" + query);
    request.onload = function () {
      if (request.status === 200) {
        show(JSON.parse(request.responseText));
      } else if (request.status === 404) {
        location.reload();
      }
    };
    request.send();
  }

  function two(number) {
    return (number < 10 ? "0" : "") + number;
  }

  setInterval(function () {
    var at = new Date(heard);
    if (Date.now() - heard > LOST_S * 1000) {
      lost.textContent = page.getAttribute("data-lost").replace("%", two(at.getHours()) + ":" + two(at.getMinutes()));
      lost.hidden = false;
    }
  }, 5000);

  document.addEventListener("visibilitychange", function () {
    // A phone that slept may hold a stream that is dead without knowing.
    if (!document.hidden && Date.now() - heard > 20000) {
      follow();
    }
  });
  window.addEventListener("online", follow);
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) {
      location.reload();
    }
  });

  follow();
})();
