export interface MethodPicture {
  /** Id of the page's method. */
  readonly id: string;
  /** Arguments of `pathwise`. */
  readonly argv: readonly string[];
  /** Where the command writes, and what the page shows, from the root of the repository. */
  readonly output: string;
  readonly picture: string;
}
export function picturesOfMethods(): MethodPicture[];
