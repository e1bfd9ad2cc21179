/* Keeps the turn of an appointment by video new, rings (ring.js) when it is called, and sends what its customer wishes
   without leaving the page, which would take the sound away. It asks every few seconds; behind other pages, where a
   browser lets scripts sleep, the turn's stream wakes it. The page is whole without it. ES5: phones of 2016 run it. */
(function () {
  "use strict";

  var ASK_S = 5, LATE_S = 15, STREAM_AGAIN_S = 60, BETWEEN = " \u00b7 ";
  var box = document.getElementById("turn"), acts = document.getElementById("acts");
  var form = document.getElementById("wish"), sound = document.getElementById("sound");
  var change = document.getElementById("change"), at = box.getAttribute("data-at"), ring = window.dawrRing(sound);
  var turn = box.innerHTML.trim(), wishes = acts.innerHTML.trim(), now = box.firstElementChild;
  var calls = Number(now.getAttribute("data-calls")), called = now.getAttribute("data-title");
  var title = called ? document.title.slice((called + BETWEEN).length) : document.title;
  var next = null, isAsking = false, isDue = false, source = null, isOver = false, heard = "";

  function show(html) {
    var news = document.createElement("div");
    news.innerHTML = html;
    if (news.lastElementChild.outerHTML !== wishes) {
      wishes = news.lastElementChild.outerHTML;
      acts.innerHTML = wishes;
    }
    now = news.firstElementChild;
    if (now.outerHTML === turn) {
      return;
    }
    turn = now.outerHTML;
    box.innerHTML = turn;
    sound.parentNode.hidden = now.hasAttribute("data-quiet");
    if (change) {
      change.hidden = now.getAttribute("data-stage") !== "before"; // One moves and cancels until one is in the queue.
    }
    called = now.getAttribute("data-title");
    document.title = called ? called + BETWEEN + title : title;
    if (called && Number(now.getAttribute("data-calls")) > calls) {
      ring();
    }
    calls = Number(now.getAttribute("data-calls"));
  }

  function later(seconds) {
    clearTimeout(next);
    next = setTimeout(ask, seconds * 1000);
  }

  function ask() {
    var request = new XMLHttpRequest();
    if (isAsking || isOver) {
      isDue = isAsking;
      return;
    }
    function again(seconds) {
      isAsking = false;
      later(isDue ? 0 : seconds);
      isDue = false;
    }
    isAsking = true;
    request.open("GET", at + "/turn");
    request.timeout = LATE_S * 1000;
    request.onload = function () {
      if (request.status === 200) {
        show(request.responseText);
        listen();
      } else if (request.status === 404) {
        end(); // It was taken back, or moved.
        return;
      }
      again(request.status === 200 ? ASK_S : LATE_S);
    };
    request.onerror = request.ontimeout = function () { again(LATE_S); };
    request.send();
  }

  function listen() {
    if (source || !window.EventSource || !now.hasAttribute("data-follows")) {
      return;
    }
    source = new EventSource(at.slice(at.indexOf("/b/")) + "/live");
    source.onmessage = function (event) {
      var said = JSON.parse(event.data), news = said.phase + said.rings;
      // Who is ahead changes often, and can wait for the next time that it is asked.
      if (news !== heard) {
        heard = news;
        ask();
      }
    };
    source.onerror = function () {
      if (source.readyState === 2) {
        setTimeout(function () { source = null; }, STREAM_AGAIN_S * 1000);
      }
    };
  }

  function end() {
    isOver = true;
    acts.hidden = sound.parentNode.hidden = true;
    if (source) {
      source.close();
    }
  }

  form.onclick = function (event) {
    var button = event.target, request = new XMLHttpRequest(), what;
    if (button.name !== "what") {
      return;
    }
    event.preventDefault();
    function aloud() {
      what = document.createElement("input");
      what.type = "hidden";
      what.name = "what";
      what.value = button.value;
      form.appendChild(what);
      form.submit();
    }
    button.disabled = true;
    request.open("POST", form.getAttribute("action"));
    request.timeout = LATE_S * 1000;
    request.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
    request.onload = function () {
      if (request.status !== 200) {
        aloud(); // The answer has a page of its own.
        return;
      }
      box.focus();
      wishes = "";
      ask();
    };
    request.onerror = request.ontimeout = aloud;
    request.send("form=" + encodeURIComponent(form.elements.form.value) + "&what=" + button.value);
  };

  ask();
})();
