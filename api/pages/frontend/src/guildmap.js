// What pages do beyond their HTML; each works without it.
import htmx from "htmx.org";

htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.selfRequestsOnly = true;
htmx.config.historyCacheSize = 0;

// On a narrow screen rows of links are wider than it: where one is shows the place among them.
for (const active of document.querySelectorAll(".gm-nav .active, .gm-tabs .active")) {
  let row = active.parentElement;
  while (row && row.scrollWidth <= row.clientWidth) row = row.parentElement;
  if (row?.closest(".gm-nav, .gm-tabs")) row.scrollLeft = active.offsetLeft - row.clientWidth / 3;
}

// Server-sent events of the API: each of the one kind that the element names has it ask for its part of the page again.
// The first tells what the page shows already.
for (const live of document.querySelectorAll("[data-stream]")) {
  let heard = false;
  new EventSource(live.dataset.stream).addEventListener(live.dataset.event, () => {
    if (heard) htmx.trigger(live, "streamed");
    heard = true;
  });
}
