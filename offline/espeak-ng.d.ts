declare module 'espeak-ng' {
  /** The part of the emscripten module that the demo uses. */
  interface ESpeakModule {
    readonly FS: { readFile(path: string): Uint8Array };
  }
  interface ESpeakOptions {
    readonly arguments: readonly string[];
    readonly print?: (line: string) => void;
    readonly printErr?: (line: string) => void;
    readonly quit?: (status: number) => void;
  }
  /** Runs the espeak-ng program once. Resolves when it has finished. */
  export default function run(options: ESpeakOptions): Promise<ESpeakModule>;
}
