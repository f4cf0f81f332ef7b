/**
 * Which room may import from which: `npm run check` fails on an arrow that points up, and on a
 * circle. CONTRIBUTING.md has the map.
 */
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/** Imports that are gone at run time. */
const TYPES = ['type-only', 'type-import'];

export default {
  forbidden: [
    rule(
      'no-circle',
      'Two files that import each other, types included, are one file or need a third.',
      {},
      { circular: true },
    ),
    rule(
      'library-stands-alone',
      'src is what npm ships: it imports nothing of the repository outside itself.',
      { path: '^src/', pathNot: '^src/agent[.]ts$' },
      { path: '^(offline|tools|examples|test)/' },
    ),
    rule(
      'app-needs-stand-ins-only',
      'src/agent.ts is the app of `npm start`: beside the library it may use the offline reader.',
      { path: '^src/agent[.]ts$' },
      { path: '^(tools|examples|test|src/testing)/' },
    ),
    rule(
      'library-needs-no-kit',
      'src/testing uses the library, never the other way.',
      { path: '^src/', pathNot: '^src/testing/' },
      { path: '^src/testing/' },
    ),
    rule(
      'library-needs-what-it-declares',
      'A user of the package has no development dependency: no test runner, no browser, no OCR.',
      { path: '^src/' },
      { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm-peer', ...TYPES] },
    ),
    rule(
      'machines-are-self-contained',
      "A machine opens in Stately's visualizer as it is: its values come from xstate only.",
      { path: '^src/machines/.*[.]machine[.]ts$' },
      { dependencyTypesNot: TYPES, pathNot: '^node_modules/xstate/' },
    ),
    rule(
      'pixels-leave-by-one-gate',
      'Who wants a picture asks src/frames/gate.ts. Only the public encodeFrame() goes around it, ' +
        'the processors, which the gate calls, and VideoOutput, which shows what the gate gave.',
      { path: '^src/', pathNot: '^src/(frames|processors|output|testing)/|^src/index[.]ts$' },
      {
        path: '^src/frames/(encode|seen-frame|newest-frame|processed-frames|frame-edit|caption|pixels.*)[.]ts$',
        dependencyTypesNot: TYPES,
      },
    ),
    rule(
      'stand-ins-stand-alone',
      'offline replaces services that need a key; it works without the library.',
      { path: '^offline/' },
      { path: '^(src|tools|examples|test)/' },
    ),
    rule(
      'examples-are-for-users',
      'An example is copied: it imports the library and files of its own.',
      { path: '^examples/', pathNot: '^examples/testing/' },
      { path: '^(offline|tools|test|src/testing)/' },
    ),
    rule(
      'example-of-a-test-uses-the-kit',
      'It is copied as well: the library, the kit and files of its own.',
      { path: '^examples/testing/' },
      { path: '^(offline|tools|test)/' },
    ),
    rule(
      'tools-need-no-tests',
      'What a tool and a test share is in src/testing.',
      { path: '^tools/' },
      { path: '^test/' },
    ),
    rule(
      'tools-are-at-the-top',
      'Only the tests of tools import them.',
      { path: '^(src|offline|examples|test)/', pathNot: '^test/tools/' },
      { path: '^tools/' },
    ),
  ],
  options: {
    doNotFollow: { path: ['node_modules', '^dist/'] },
    tsConfig: { fileName: 'tsconfig.json' },
    // Imports of types are arrows as well.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
};
