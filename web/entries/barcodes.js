// Reads barcodes from the camera, for <jd-scan>; the address of its wasm comes from the page.
export { BarcodeDetector, prepareZXingModule } from "barcode-detector/ponyfill";
