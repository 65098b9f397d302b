/** People's texts in the Markdown of the Temporal UI: shown as they wrote them, they make no links or headings. */
export function plain(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]<>#|!]/g, '\\$&').replaceAll(/\s+/g, ' ');
}
