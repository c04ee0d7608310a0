/** `NAME=REST` where NAME is one of `names`; otherwise no name. Files may have '=' in their names too. */
export function splitName(
  text: string,
  names: readonly string[],
): { readonly name: string | null; readonly rest: string } {
  // Tensor names may hold '=' themselves: the longest that fits is meant.
  const [name] = names.filter((candidate) => text.startsWith(`${candidate}=`)).sort((a, b) => b.length - a.length);
  return name === undefined ? { name: null, rest: text } : { name, rest: text.slice(name.length + 1) };
}
