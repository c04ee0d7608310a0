import type { Scheme } from './palette.ts';

/** Colours of everything that is not data. Contrast on `paper`: text >= 14:1, secondary >= 6.4:1, control >= 3:1. */
export interface Theme {
  readonly scheme: Scheme;
  readonly paper: string;
  readonly text: string;
  readonly secondary: string;
  /** Axes and frames. */
  readonly control: string;
  /** Grid lines: decoration only. */
  readonly grid: string;
  /** Bars that stand for several things. */
  readonly muted: string;
  readonly accent: string;
  readonly error: string;
}

export const themes: Readonly<Record<Scheme, Theme>> = {
  light: {
    scheme: 'light',
    paper: '#ffffff',
    text: '#1b1f24',
    secondary: '#57606a',
    control: '#8c959f',
    grid: '#e7eaed',
    muted: '#c3c8ce',
    accent: '#0b57d0',
    error: '#b3261e',
  },
  dark: {
    scheme: 'dark',
    paper: '#15171a',
    text: '#e6e9ec',
    secondary: '#9aa4ae',
    control: '#6b757f',
    grid: '#272b30',
    muted: '#4a5057',
    accent: '#7ab2f5',
    error: '#ff8a80',
  },
};

/** Inter where it is there (always in PNG), else the font of the system. */
export const FONT_FAMILY = "Inter, system-ui, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif";
