import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** A font that ships with the library, for sharp's `text`: slim containers have no fonts. */
export const FONT = {
  // The comma ends the family name; without it, 'Caption' could be parsed as a style.
  font: 'PT Sans Caption, Bold',
  fontfile: require.resolve('@expo-google-fonts/pt-sans-caption/PTSansCaption_700Bold.ttf'),
};
