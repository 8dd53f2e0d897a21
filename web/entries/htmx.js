// htmx and its stream of server-sent events: what the pages themselves need, in one file.
import "htmx.org/dist/htmx.esm.js";
import "htmx.org/dist/ext/hx-sse.js";
