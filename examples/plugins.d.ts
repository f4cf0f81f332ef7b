// Only for the type check of the examples in this repository, where these plugins are not
// installed: each needs one exact version of the framework. In an application of your own, install
// the plugin and leave this file out.

declare module '@livekit/agents-plugin-bey' {
  export const AvatarSession: typeof import('./plugins/bey-1.4.2.d.ts').AvatarSession;
}

declare module '@livekit/agents-plugin-hedra' {
  export const AvatarSession: typeof import('./plugins/hedra-1.0.47.d.ts').AvatarSession;
}
