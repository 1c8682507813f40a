/**
 * Which of the offered media types a request wants most, by its `Accept` header (RFC 9110, 12.5.1);
 * the first offer when it wants none of them or says nothing: an answer is better than a refusal.
 * @param offers media types in the order in which they are preferred here
 */
export function chooseMediaType<Offer extends string>(
  accept: string | null,
  offers: readonly [Offer, ...Offer[]],
): Offer {
  const ranges = (accept ?? '*/*').split(',').map(readRange);
  const weigh = (offer: string): number => {
    const [type = ''] = offer.split('/');
    // The most specific range that fits decides.
    const fitting = [offer, `${type}/*`, '*/*'].flatMap((range) =>
      ranges.filter((one) => one.range === range),
    );
    return fitting[0]?.weight ?? 0;
  };
  return offers.reduce((best, offer) => (weigh(offer) > weigh(best) ? offer : best), offers[0]);
}

function readRange(text: string): { readonly range: string; readonly weight: number } {
  const [range = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  const weight = quality === undefined ? 1 : Number(quality);
  return { range, weight: Number.isNaN(weight) ? 0 : weight };
}
