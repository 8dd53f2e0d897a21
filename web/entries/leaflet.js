// The map that <jd-map> opens over the server's drawing.
export { circleMarker, geoJSON, latLngBounds, map, polyline, tileLayer } from "leaflet/dist/leaflet-src.esm.js";
