/**
 * The dependency rule (docs/architecture.md): layers by runtime, and one face a capability.
 * @type {import('dependency-cruiser').IConfiguration}
 */
export default {
  forbidden: [
    {
      name: 'shared-imports-only-zod',
      comment: 'shared/ runs in every runtime, so it imports nothing but itself and zod.',
      severity: 'error',
      from: { path: '^shared/', pathNot: '\\.test\\.ts$' },
      to: { pathNot: ['^shared/', '^node_modules/zod/'] },
    },
    {
      name: 'engine-imports-only-shared',
      severity: 'error',
      from: { path: '^engine/' },
      to: { path: '^(electron|server|cli|renderer|e2e|bench|scripts)/' },
    },
    {
      name: 'renderer-imports-only-shared',
      severity: 'error',
      from: { path: '^renderer/' },
      to: { path: '^(engine|electron|server|cli|e2e|bench|scripts)/' },
    },
    {
      name: 'renderer-has-no-node',
      severity: 'error',
      from: { path: '^renderer/', pathNot: '\\.test\\.tsx?$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'electron-imports-only-engine-and-shared',
      severity: 'error',
      from: { path: '^electron/' },
      to: { path: '^(server|cli|renderer|e2e|bench|scripts)/' },
    },
    {
      name: 'server-imports-only-engine-and-shared',
      severity: 'error',
      from: { path: '^server/' },
      to: { path: '^(electron|cli|renderer|e2e|bench|scripts)/' },
    },
    {
      name: 'cli-imports-only-engine-server-and-shared',
      comment: '`larder serve` starts the headless shell, so the command may import its face.',
      severity: 'error',
      from: { path: '^cli/' },
      to: { path: '^(electron|renderer|e2e|bench|scripts)/' },
    },
    {
      name: 'only-electron-imports-electron',
      severity: 'error',
      from: { pathNot: '^electron/' },
      to: { path: '^(node_modules/)?electron(/|$)' },
    },
    {
      name: 'engine-has-no-http',
      comment: 'The engine is reached over carriers; it opens no socket.',
      severity: 'error',
      from: { path: '^engine/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(node:)?(http|https|http2|net)$' },
    },
    {
      name: 'capability-has-one-face',
      comment: 'Other folders import a capability through its index.ts (and tasks through tasks.ts) only.',
      severity: 'error',
      from: { path: '^engine/([^/]+)/', pathNot: '^engine/testing/' },
      to: { path: '^engine/([^/]+)/.+', pathNot: ['^engine/$1/', '^engine/testing/', '/index\\.ts$', '/tasks\\.ts$'] },
    },
    {
      name: 'product-has-no-tests-in-it',
      severity: 'error',
      from: {
        path: '^(shared|engine|electron|server|cli|renderer)/',
        pathNot: ['\\.test\\.tsx?$', '(^|/)(scan-)?testing/', '/test-[^/]+\\.ts$'],
      },
      to: {
        path: ['\\.test\\.tsx?$', '(^|/)(scan-)?testing/', '^node_modules/(vitest|fast-check|@playwright|playwright)'],
      },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default'] },
    exclude: { path: '\\.module\\.css$' },
  },
};
