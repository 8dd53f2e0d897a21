// Comfort on top of pages that work without it.
import "./installed.js";
import "./trouble.js";
import "./live.js";
import "./acts.js";
import "./combo.js";
import "./fresh.js";
import "./guard.js";
import "./jd-scan.js";
import "./keys.js";
import "./mention.js";
import "./palette.js";
import "./select.js";
import "./undo.js";
import "./waiting.js";

document.documentElement.classList.add("js");
