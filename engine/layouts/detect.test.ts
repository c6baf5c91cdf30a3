import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LayoutCandidate } from '../../shared/contract/index.ts';
import { nodeFs } from '../fs/index.ts';
import { createTestContext } from '../testing/index.ts';
import type { TestContext } from '../testing/index.ts';
import { detectLayouts } from './detect.ts';
import { detectIn } from './index.ts';
import type { Seen } from './look.ts';
import { ShippedLayouts } from './shipped.ts';
import { makeTree, treeOf } from './test-folders.ts';

const layouts = new ShippedLayouts(nodeFs).list();
const folders = layouts.filter(({ areas }) => areas.length > 0);

let context: TestContext;
let made = 0;
beforeAll(() => {
  context = createTestContext();
});
afterAll(() => context.close());

async function detect(paths: readonly string[], name = 'somewhere'): Promise<LayoutCandidate[]> {
  made += 1;
  const root = join(context.folder, String(made), name);
  mkdirSync(root, { recursive: true });
  makeTree(root, paths);
  return (await detectIn(context, root)).candidates;
}

describe('a folder made from a layout', () => {
  it.each(folders.map((layout) => [layout.id, layout] as const))('%s is told from all others', async (id, layout) => {
    const [best, second] = await detect(treeOf(layout));
    expect(best).toMatchObject({ id, convincing: true });
    expect(best?.score).toBeGreaterThan(0.8);
    expect(second?.score ?? 0).toBeLessThanOrEqual((best?.score ?? 0) - 0.1);
  });
});

/** Folders as their programs leave them. */
const real: Readonly<Record<string, { name?: string; paths: readonly string[] }>> = {
  'huggingface-hub': {
    name: 'hub',
    paths: [
      'models--meta-llama--Llama-3.1-8B/blobs/0ab',
      'models--meta-llama--Llama-3.1-8B/refs/main',
      'models--meta-llama--Llama-3.1-8B/snapshots/abc/config.json',
      'models--bert--base/snapshots/abc/model.safetensors',
      '.locks/models--bert--base/',
      'version.txt',
      'CACHEDIR.TAG',
    ],
  },
  'huggingface-home': {
    name: 'huggingface',
    paths: ['hub/models--a--b/snapshots/1/config.json', 'datasets/squad/', 'token', 'stored_tokens'],
  },
  ollama: {
    name: 'models',
    paths: ['blobs/sha256-00ab', 'blobs/sha256-11cd', 'manifests/registry.ollama.ai/library/llama3.2/latest'],
  },
  'lm-studio': {
    name: 'models',
    paths: ['TheBloke/Mistral-7B-Instruct-v0.2-GGUF/mistral-7b.Q4_K_M.gguf', 'bartowski/gemma-2-GGUF/g.Q8_0.gguf'],
  },
  'llama-cpp': {
    name: 'llama.cpp',
    paths: ['ggml-org_gemma-3-1b-it-GGUF_gemma.gguf', 'ggml-org_gemma-3-1b-it-GGUF_gemma.gguf.json'],
  },
  gpt4all: { name: 'GPT4All', paths: ['Meta-Llama-3-8B.Q4_0.gguf', 'localdocs_v3.db', 'test_write.txt'] },
  jan: { name: 'models', paths: ['tinyllama-1.1b/model.json', 'tinyllama-1.1b/tinyllama.gguf', 'qwen/model.json'] },
  comfyui: {
    name: 'ComfyUI',
    paths: [
      ...['models/checkpoints/sd15.safetensors', 'models/loras/a.safetensors', 'models/vae/v.safetensors', 'main.py'],
      ...['custom_nodes/', 'input/', 'output/', 'comfy/', 'app/', 'web/', 'extra_model_paths.yaml.example', 'user/'],
    ],
  },
  automatic1111: {
    name: 'stable-diffusion-webui',
    paths: [
      ...['models/Stable-diffusion/sd.safetensors', 'models/Lora/', 'models/VAE/', 'webui.py', 'webui.sh', 'modules/'],
      ...['embeddings/', 'extensions/', 'outputs/txt2img-images/', 'javascript/', 'scripts/', 'html/', 'config.json'],
    ],
  },
  'stability-matrix': {
    name: 'Data',
    paths: [
      'Models/StableDiffusion/a.safetensors',
      'Models/Lora/',
      'Packages/ComfyUI/models/',
      'settings.json',
      'Assets/',
    ],
  },
  invokeai: {
    name: 'invokeai',
    paths: ['invokeai.yaml', 'models/', 'databases/invokeai.db', 'outputs/images/', 'configs/'],
  },
  'torch-hub': {
    name: 'hub',
    paths: ['checkpoints/resnet50-0676ba61.pth', 'pytorch_vision_main/hubconf.py', 'trusted_list'],
  },
  keras: { name: '.keras', paths: ['keras.json', 'models/vgg16_weights.h5', 'datasets/mnist.npz'] },
  whisper: { name: 'whisper', paths: ['base.en.pt', 'large-v3.pt'] },
  nltk: {
    name: 'nltk_data',
    paths: ['corpora/stopwords.zip', 'corpora/stopwords/english', 'tokenizers/punkt/PY3/english.pickle'],
  },
  mlflow: {
    name: 'tracking',
    paths: ['mlflow.db', 'mlruns/1/0123abcd/artifacts/model/MLmodel', 'mlruns/1/0123abcd/meta.yaml'],
  },
  wandb: {
    name: 'wandb',
    paths: ['run-20260101_000000-abc/run-abc.wandb', 'run-20260101_000000-abc/files/', 'latest-run/', 'debug.log'],
  },
  dvc: { name: '.dvc', paths: ['config', 'cache/files/md5/00/ab', 'cache/files/md5/ff/12', 'tmp/lock', '.gitignore'] },
  chroma: { name: 'chroma', paths: ['chroma.sqlite3', '0f4a4e3a-1111-4222-8333-944444444444/data_level0.bin'] },
  qdrant: {
    name: 'storage',
    paths: [
      'collections/docs/config.json',
      'collections/docs/0/segments/',
      'collections/docs/0/wal/',
      'aliases/data.json',
      'raft_state.json',
    ],
  },
  lancedb: {
    name: 'lancedb',
    paths: ['docs.lance/_versions/1.manifest', 'docs.lance/data/a.lance', 'docs.lance/_transactions/0.txn'],
  },
  'milvus-lite': { name: 'vectors', paths: ['milvus_demo.db'] },
  weaviate: {
    name: 'weaviate',
    paths: ['schema.db', 'classifications.db', 'modules.db', 'article/abc123/lsm/objects/', 'raft/raft.db'],
  },
  faiss: { name: 'faiss_index', paths: ['index.faiss', 'index.pkl'] },
  redis: { name: 'redis', paths: ['dump.rdb', 'appendonlydir/appendonly.aof.manifest'] },
  postgresql: {
    name: 'main',
    paths: ['PG_VERSION', 'base/1/', 'global/pg_control', 'pg_wal/', 'pg_xact/', 'postmaster.pid'],
  },
  mongodb: {
    name: 'db',
    paths: ['WiredTiger', 'WiredTiger.wt', 'collection-0-123.wt', 'journal/', 'mongod.lock', 'diagnostic.data/'],
  },
  prometheus: {
    name: 'prometheus',
    paths: ['wal/00000001', 'chunks_head/000001', '01HZX3V8N2QF/meta.json', 'lock', 'queries.active'],
  },
  grafana: { name: 'grafana', paths: ['grafana.db', 'plugins/', 'png/'] },
  aura: {
    name: 'data',
    paths: [
      ...['visual_analysis/models/detr.pt', 'visual_analysis/logs/', 'outfit_recommendation/models/', 'redis/dump.rdb'],
      ...[
        'outfit_recommendation/logs/',
        'conversational_ai/models/',
        'conversational_ai/logs/',
        'nginx/logs/access.log',
      ],
      ...['conversational_ai/vector_store/wardrobe_faiss.index', 'postgres/PG_VERSION', 'prometheus/wal/', 'grafana/'],
    ],
  },
  'stock-prediction-3.1': {
    name: 'persistent_data',
    paths: [
      ...['ml_models/nvda_lstm_model/model.h5', 'ml_cache/predictions_cache/', 'scalers/feature_scalers/a.pkl'],
      ...['stock_data/historical/NVDA/daily.csv', 'stock_data/cache/daily_cache/', 'stock_data/predictions/daily/'],
      ...['logs/application.log', 'config/persistent.env', 'backups/', 'monitoring/prometheus/', 'monitoring/grafana/'],
    ],
  },
  'stock-prediction-3.4': {
    name: 'persistent_data',
    paths: [
      ...['ml_models/nvda_lstm_model.h5', 'ml_cache/a.json', 'scalers/a.pkl', 'stock_data/NVDA.csv', 'logs/api.log'],
      ...['config/persistent.env', 'backups/', 'redis/dump.rdb', 'prometheus/wal/', 'grafana/grafana.db', 'frontend/'],
    ],
  },
};

describe('a folder as its program leaves it', () => {
  it('has an example for every layout', () => {
    expect(Object.keys(real).sort()).toEqual(folders.map(({ id }) => id).sort());
  });

  it.each(Object.entries(real))('%s', async (id, { name, paths }) => {
    const [best] = await detect(paths, name);
    expect(best).toMatchObject({ id, convincing: true });
  });
});

describe('what is of no layout', () => {
  it('an empty folder', async () => {
    expect(await detect([])).toEqual([]);
  });

  it('a home folder with many things', async () => {
    const candidates = await detect([
      ...['Documents/letter.txt', 'Downloads/model.gguf', 'Pictures/a.jpg', 'Music/', 'projects/app/package.json'],
      ...[
        'data/x.csv',
        'models/a/b/c.bin',
        'logs/a.log',
        '.cache/huggingface/hub/models--a--b/',
        '.ollama/models/blobs/',
      ],
      ...['.config/', '.ssh/id', 'backups/old.tar.gz', 'config/app.yml', 'redis/dump.rdb', 'notes.txt', '.bashrc'],
    ]);
    expect(candidates.filter(({ convincing }) => convincing)).toEqual([]);
  });

  it('a code project', async () => {
    const candidates = await detect([
      ...['package.json', 'src/index.ts', 'node_modules/a/models/', 'docs/', 'tests/', 'config/', 'models/user.ts'],
      ...['Dockerfile', '.git/config', 'logs/', '.github/workflows/ci.yml'],
    ]);
    expect(candidates.filter(({ convincing }) => convincing)).toEqual([]);
  });

  it.each([
    ['that searches an index', ['index.faiss', 'index.pkl', 'src/a.py', 'docs/b.pdf', 'requirements.txt', 'main.py']],
    ['that keeps Chroma beside its code', ['chroma.sqlite3', 'app.py', 'src/', 'data/', 'tests/', 'pyproject.toml']],
    ['that logs to MLflow', ['mlruns/0/meta.yaml', 'src/train.py', 'data/x.csv', 'notebooks/', 'setup.py', 'conf/']],
    ['with a dump of Redis', ['dump.rdb', 'package.json', 'src/index.js', 'node_modules/', 'public/', 'Dockerfile']],
    ['with weights called base', ['base_model.pt', 'small-net.pt', 'train.py', 'runs/', 'data/']],
    ['with models by name', ['models/llama/llama.gguf', 'src/', 'app.py', 'Makefile', 'models/x/model.yml']],
    ['with models by a publisher', ['models/Llama-3-GGUF/llama.gguf', 'app.py', 'Makefile', 'run.sh', 'src/']],
    ['with models side by side', ['a.gguf', 'b.gguf', 'app.py', 'server.py', 'Dockerfile', 'web/', 'src/']],
  ])('a project %s', async (_, paths) => {
    const candidates = await detect(paths, 'project');
    expect(candidates.filter(({ convincing }) => convincing)).toEqual([]);
  });

  it('what both generations of stock prediction have in common is not enough for either', async () => {
    const candidates = await detect(
      ['ml_models/', 'ml_cache/', 'scalers/', 'logs/', 'config/', 'backups/'],
      'persistent_data',
    );
    expect(
      candidates
        .slice(0, 2)
        .map(({ id }) => id)
        .sort(),
    ).toEqual(['stock-prediction-3.1', 'stock-prediction-3.4']);
    expect(candidates.some(({ convincing }) => convincing)).toBe(false);
  });
});

it('says what speaks for and against', async () => {
  const [best] = await detect(['ml_models/', 'logs/', 'config/', 'holiday/'], 'persistent_data');
  expect(best?.speaksFor).toEqual(expect.arrayContaining(['ml_models is there', 'It is called persistent_data']));
  expect(best?.speaksAgainst).toEqual(expect.arrayContaining(['scalers is not there', 'It has no place for holiday']));
});

it('takes a link to a folder for the folder', async () => {
  const root = join(context.folder, 'linked');
  const { paths } = real['ollama'] ?? { paths: [] };
  makeTree(join(context.folder, 'elsewhere'), paths);
  mkdirSync(root);
  for (const name of ['blobs', 'manifests']) symlinkSync(join(context.folder, 'elsewhere', name), join(root, name));
  const { candidates } = await detectIn(context, root);
  expect(candidates[0]).toMatchObject({ id: 'ollama' });
});

it('goes by what larder.yaml names', async () => {
  const root = join(context.folder, 'named');
  mkdirSync(root);
  writeFileSync(join(root, 'larder.yaml'), 'version: 1\nlayout: aura\n');
  const { layout, candidates } = await detectIn(context, root);
  expect(layout).toBe('aura');
  expect(candidates[0]).toMatchObject({ id: 'aura', score: 1, speaksFor: ['larder.yaml names it'] });
});

it('cannot look at what is not there', async () => {
  await expect(detectIn(context, join(context.folder, 'gone'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

const someNames = fc.constantFrom(
  'ml_models',
  'logs',
  'x',
  'models',
  'blobs',
  'wal',
  'dump.rdb',
  'a.gguf',
  'data',
  'redis',
);
const someListing = fc
  .array(fc.record({ path: fc.array(someNames, { minLength: 1, maxLength: 3 }), kind: fc.constantFrom('dir', 'file') }))
  .map((all): Seen[] => all.map(({ path, kind }) => ({ path: path.join('/'), kind: kind === 'dir' ? 'dir' : 'file' })));

describe('the score', () => {
  it('never falls when one more of the areas of a layout is there', () => {
    fc.assert(
      fc.property(fc.constantFrom(...folders), fc.nat(), someListing, (layout, pick, seen) => {
        const areas = layout.areas.filter(({ path }) => path !== '');
        const area = areas[pick % Math.max(1, areas.length)];
        fc.pre(area !== undefined);
        const parts = area.path.replaceAll('*', 'x').split('/');
        const more = parts.map((_, index): Seen => ({ path: parts.slice(0, index + 1).join('/'), kind: 'dir' }));
        const scoreOf = (listing: readonly Seen[]): number =>
          detectLayouts([layout], { name: 'n', seen: listing })[0]?.score ?? 0;
        expect(scoreOf([...seen, ...more])).toBeGreaterThanOrEqual(scoreOf(seen));
      }),
    );
  });

  it('is from 0 to 1, and the same for the same listing', () => {
    fc.assert(
      fc.property(someListing, (seen) => {
        const once = detectLayouts(layouts, { name: 'n', seen });
        expect(detectLayouts(layouts, { name: 'n', seen })).toEqual(once);
        for (const { score } of once) expect(score >= 0 && score <= 1).toBe(true);
        expect(once.filter(({ convincing }) => convincing).length).toBeLessThanOrEqual(1);
      }),
    );
  });
});
