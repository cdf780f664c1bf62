// Charts of the pages that have them.
import "./audit-charts.js";
