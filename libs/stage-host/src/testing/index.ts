export { fakeHost, mediaRef } from './count-words.js';
export { tapMessages, type Tap, type TappedMessage } from './tap-messages.js';
export { until } from './until.js';
