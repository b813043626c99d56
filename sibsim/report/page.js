// Draws each chart of the page from the figures in it. Nothing is fetched and nothing is sent.
(function () {
  "use strict";
  var island = JSON.parse(document.getElementById("figures").textContent);
  var drawn = [];

  Object.keys(island.charts).forEach(function (id) {
    var place = document.getElementById(id);
    var figure = island.charts[id];
    Plotly.newPlot(place, figure.data, figure.layout, island.config);
    drawn.push(place);
  });

  function fit() {
    drawn.forEach(function (place) {
      Plotly.Plots.resize(place);
    });
  }

  window.addEventListener("beforeprint", fit);
  window.addEventListener("afterprint", fit);
})();
