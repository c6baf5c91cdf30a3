/** What a file is taken for by its name, to choose what to look into. */
export type FileFormat =
  | 'safetensors'
  | 'gguf'
  | 'hdf5'
  | 'keras'
  | 'torch'
  | 'bin'
  | 'zip'
  | 'npy'
  | 'parquet'
  | 'pickle'
  | 'sqlite'
  | 'content';

const byExtension: Readonly<Record<string, FileFormat>> = {
  safetensors: 'safetensors',
  gguf: 'gguf',
  h5: 'hdf5',
  hdf5: 'hdf5',
  hdf: 'hdf5',
  keras: 'keras',
  pt: 'torch',
  pth: 'torch',
  ckpt: 'torch',
  npz: 'zip',
  zip: 'zip',
  npy: 'npy',
  parquet: 'parquet',
  pkl: 'pickle',
  pickle: 'pickle',
  joblib: 'pickle',
  db: 'sqlite',
  sqlite: 'sqlite',
  sqlite3: 'sqlite',
};

/** Formats of a model's weights, an index or an array that no program writes empty. */
const neverEmpty =
  /\.(?:safetensors|gguf|ggml|h5|hdf5|keras|pt|pth|ckpt|onnx|tflite|npz|npy|pkl|pickle|joblib|faiss|parquet)$/i;

/** Names by content: the Hugging Face hub (`64 hex`), Ollama (`sha256-64 hex`). */
const contentName = /^(?:sha256-)?[0-9a-f]{64}$/;

export function formatOf(name: string, isModelArea: boolean): FileFormat | undefined {
  const dot = name.lastIndexOf('.');
  if (dot <= 0) return isModelArea && contentName.test(name) ? 'content' : undefined;
  const extension = name.slice(dot + 1).toLowerCase();
  // Anything may be called .bin; what is not of a known format is passed over.
  if (extension === 'bin') return isModelArea ? 'bin' : undefined;
  return Object.hasOwn(byExtension, extension) ? byExtension[extension] : undefined;
}

export function isNeverEmpty(name: string): boolean {
  return neverEmpty.test(name);
}

/**
 * Endings of downloads that did not finish: Hugging Face, browsers, aria2 (its control file lies beside the unfinished
 * one), wget front ends, Ollama (`-partial`, and `-partial-N` for its chunks).
 */
const partialDownload =
  /(?:\.incomplete|\.partial|\.part|\.crdownload|\.opdownload|\.download|\.aria2|-partial|-partial-\d+)$/i;

export function isPartialDownload(name: string): boolean {
  return partialDownload.test(name);
}
