// Only for the type check of the examples in this repository, in which this plugin is not installed:
// it needs one exact version of the framework. In an application of your own, install the plugin and
// leave this file out.

declare module '@livekit/agents-plugin-bey' {
  export const AvatarSession: typeof import('./plugins/bey-1.4.2.d.ts').AvatarSession;
}
