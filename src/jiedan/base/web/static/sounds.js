// What a scan sounds like, for who looks at the goods and not at the screen.
const TONES = { right: [880, 0.07], wrong: [196, 0.4] };

let audio;

export function sound(outcome) {
  if (!TONES[outcome]) {
    return;
  }
  const [pitch, seconds] = TONES[outcome];
  audio ??= new AudioContext();
  const tone = new OscillatorNode(audio, { frequency: pitch, type: "square" });
  tone.connect(new GainNode(audio, { gain: 0.1 })).connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + seconds);
}
