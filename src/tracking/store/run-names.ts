// A name for a run that was given none: adjective-noun-number.
const adjectives =
  "able bold brave bright brisk calm clean clever crisp eager fair fine fleet fresh gentle glad grand keen kind light lively lucky merry mild neat noble proud quick quiet rapid ready sharp silent smooth swift tidy upbeat warm wise witty".split(
    " ",
  );
const nouns =
  "anchor beacon bow cabin canvas coast compass current deck dock dolphin fleet gull harbor helm hull island jetty keel lagoon mast oar pier port reef rudder sail schooner shore skiff sloop squall stern surf swell tern tide trawler wake wave".split(
    " ",
  );

export function makeRunName(random: () => number): string {
  const pick = (words: readonly string[]): string => words[Math.floor(random() * words.length)] ?? "";
  return `${pick(adjectives)}-${pick(nouns)}-${Math.floor(random() * 1000)}`;
}
