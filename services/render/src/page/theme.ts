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

const GOLDEN_ANGLE_DEG = 137.508;
const FIRST_HUE_DEG = 255;

/** One colour a speaker: neighbours in the list get hues far apart; the lightness changes with each round of hues. */
export function speakerColour(speakerId: number, isDark = dark.matches): string {
  const hue = (FIRST_HUE_DEG + GOLDEN_ANGLE_DEG * speakerId) % 360;
  const step = [0, 0.07, -0.05][speakerId % 3]!;
  return `oklch(${((isDark ? 0.7 : 0.58) + step).toFixed(2)} 0.15 ${hue.toFixed(0)})`;
}

/** Red for "does not speak" over yellow to green for "speaks". @param confidence in [0, 1] */
export function confidenceColour(confidence: number): string {
  return `hsl(${(125 * confidence).toFixed(0)} 90% 50%)`;
}
