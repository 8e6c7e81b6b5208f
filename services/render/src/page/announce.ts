import { byId } from './dom.js';

/** Says something to people who cannot see that it happened, and shows it for a moment to the others. */
export function announce(text: string): void {
  const place = byId('status', HTMLElement);
  place.textContent = text;
  place.classList.remove('fresh');
  // Reading the layout starts the fading anew.
  void place.offsetWidth;
  place.classList.add('fresh');
}
