import { speakerTone } from './speaker-tone.js';

/** Colours of the drawn parts, read from the style sheet so that light and dark come from one place. */
export interface Theme {
  readonly text: string;
  readonly muted: string;
  readonly line: string;
  readonly stripe: string;
  readonly panel: string;
  readonly accent: string;
  readonly isDark: boolean;
}

const dark = window.matchMedia('(prefers-color-scheme: dark)');

export function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    text: colour('text'),
    muted: colour('muted'),
    line: colour('line'),
    stripe: colour('stripe'),
    panel: colour('panel'),
    accent: colour('accent'),
    isDark: dark.matches,
  };
}

export function onThemeChange(listener: () => void): void {
  dark.addEventListener('change', listener);
}

/** CSS colour of a speaker, see `speakerTone`. */
export function speakerColour(speakerId: number, isDark = dark.matches): string {
  const { lightness, chroma, hueDeg } = speakerTone(speakerId, isDark);
  return `oklch(${lightness.toFixed(2)} ${chroma} ${hueDeg.toFixed(0)})`;
}

/** Red for "does not speak" over yellow to green for "speaks". @param confidence in [0, 1] */
export function confidenceColour(confidence: number): string {
  return `hsl(${(125 * confidence).toFixed(0)} 90% 50%)`;
}
