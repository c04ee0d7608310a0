/** A screen: made once, shown when its tab is chosen, told of every change of the state while it is shown. */
export interface ScreenView {
  readonly element: HTMLElement;
  update(): void;
  /** Stops what it computes; the last picture stays. */
  cancel(): void;
  /** Keys of its own; true when one was taken. */
  key?(key: string): boolean;
}
