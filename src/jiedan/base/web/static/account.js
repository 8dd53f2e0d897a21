// The page of one's own account: passkeys, and notices on this device, in one file.
import "./jd-passkey.js";
import "./jd-push.js";
