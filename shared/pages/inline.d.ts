/** A style sheet or a browser script, made into one text: see `scripts/inline.mjs`. */
declare module '*?inline' {
  const text: string;
  export default text;
}
