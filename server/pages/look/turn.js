/* Keeps the turn of an appointment by video new: asks every few seconds, and shakes a phone when the turn is called. The
   page is whole without it. ES5: phones of 2016 run it as it stands. */
(function () {
  "use strict";

  var ASK_S = 5, LATE_S = 15;
  var box = document.getElementById("turn"), title = document.title;
  var last = null, calls = Number(box.firstElementChild.getAttribute("data-calls"));

  function show(html) {
    if (html === last) {
      return;
    }
    last = html;
    box.innerHTML = html;
    var now = box.firstElementChild, rings = Number(now.getAttribute("data-calls")), said = now.getAttribute("data-title");
    document.title = said ? said + " · " + title : title;
    if (rings > calls && said && navigator.vibrate) {
      navigator.vibrate([400, 200, 400, 200, 800]);
    }
    calls = rings;
  }

  function ask() {
    var request = new XMLHttpRequest();
    function again(seconds) {
      setTimeout(ask, seconds * 1000);
    }
    request.open("GET", box.getAttribute("data-ask"));
    request.timeout = LATE_S * 1000;
    request.onload = function () {
      if (request.status === 200) {
        show(request.responseText.trim());
      } else if (request.status === 404) {
        return; // It was taken back, or moved.
      }
      again(request.status === 200 ? ASK_S : LATE_S);
    };
    request.onerror = request.ontimeout = function () { again(LATE_S); };
    request.send();
  }

  last = box.innerHTML.trim();
  ask();
})();
