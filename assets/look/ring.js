/* How a page tells that a turn is called: it shakes the phone, and sounds once its customer has allowed that by a tap.
   `dawrRing(button)` shows the button where the browser can sound, and returns what rings. ES5: phones of 2016 run it. */
window.dawrRing = function (button) {
  "use strict";

  var AT = [0, 0.25, 0.5, 1.2, 1.45, 1.7], HERTZ = [660, 784, 988], audio = null;
  var Sound = window.AudioContext || window.webkitAudioContext;

  function tone(at, hertz) {
    var from = audio.currentTime + at, voice = audio.createOscillator(), gain = audio.createGain();
    voice.frequency.value = hertz;
    gain.gain.setValueAtTime(0.001, from);
    gain.gain.exponentialRampToValueAtTime(0.5, from + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.001, from + 0.4);
    voice.connect(gain);
    gain.connect(audio.destination);
    voice.start(from);
    voice.stop(from + 0.45);
  }

  function wake() {
    // A phone that slept, or rang for somebody else, has stopped it.
    if (audio.resume) {
      audio.resume();
    }
  }

  if (Sound) {
    button.hidden = false;
    button.onclick = function () {
      audio = audio || new Sound();
      wake();
      tone(0, HERTZ[0]);
      button.textContent = button.getAttribute("data-on");
      button.disabled = true;
    };
  }

  return function () {
    if (navigator.vibrate) {
      navigator.vibrate([400, 200, 400, 200, 800]);
    }
    if (audio) {
      wake();
      AT.forEach(function (at, n) { tone(at, HERTZ[n % HERTZ.length]); });
    }
  };
};
