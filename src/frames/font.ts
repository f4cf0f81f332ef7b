import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** A font that ships with the library, for sharp's `text`: a slim container has no fonts. */
export const FONT = {
  // The comma ends the family: without it, 'Caption' could be read as a style.
  font: 'PT Sans Caption, Bold',
  fontfile: require.resolve('@expo-google-fonts/pt-sans-caption/PTSansCaption_700Bold.ttf'),
};
