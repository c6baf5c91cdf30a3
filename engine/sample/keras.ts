import { encodeHdf5 } from './hdf5.ts';
import type { HdfDataset, HdfGroup } from './hdf5.ts';
import { featureNames } from './prices.ts';
import type { Random } from './random.ts';
import { normals } from './weights.ts';

/** Two recurrent layers and a dense one; sizes are units. */
const layers = [
  { name: 'lstm', inputs: featureNames.length, units: 256 },
  { name: 'lstm_1', inputs: 256, units: 112 },
] as const;
const outputs = 3;

function dataset(random: Random, ...shape: number[]): HdfDataset {
  const count = shape.reduce((product, size) => product * size, 1);
  const data = shape.length === 1 ? new Float32Array(count) : normals(random, count, 1 / Math.sqrt(shape[0] ?? 1));
  return { kind: 'dataset', shape, data };
}

const group = (children: HdfGroup['children'], attributes: HdfGroup['attributes'] = {}): HdfGroup => ({
  kind: 'group',
  attributes,
  children,
});

function modelConfig(name: string): unknown {
  const layer = (type: string, config: Record<string, unknown>): unknown => ({ class_name: type, config });
  return {
    class_name: 'Sequential',
    config: {
      name,
      layers: [
        layer('InputLayer', { batch_input_shape: [null, 60, featureNames.length], dtype: 'float32', name: 'input_1' }),
        layer('LSTM', { name: 'lstm', units: layers[0].units, return_sequences: true, dtype: 'float32' }),
        layer('Dropout', { name: 'dropout', rate: 0.2 }),
        layer('LSTM', { name: 'lstm_1', units: layers[1].units, return_sequences: false, dtype: 'float32' }),
        layer('Dense', { name: 'dense', units: outputs, activation: 'linear', use_bias: true, dtype: 'float32' }),
      ],
    },
  };
}

/** A model as Keras 2 saves it to HDF5 (keras/saving/legacy/hdf5_format.py): weights by layer, described in attributes. */
export function kerasModel(random: Random, name: string): Buffer {
  const version = { backend: 'tensorflow', keras_version: '2.15.0' };
  const weights: Record<string, HdfGroup> = {};
  for (const { name: layer, inputs, units } of layers) {
    const cell = group({
      'bias:0': dataset(random, 4 * units),
      'kernel:0': dataset(random, inputs, 4 * units),
      'recurrent_kernel:0': dataset(random, units, 4 * units),
    });
    const names = ['kernel', 'recurrent_kernel', 'bias'].map((part) => `${layer}/lstm_cell/${part}:0`);
    weights[layer] = group({ [layer]: group({ lstm_cell: cell }) }, { weight_names: names });
  }
  const dense = { 'bias:0': dataset(random, outputs), 'kernel:0': dataset(random, layers[1].units, outputs) };
  weights['dense'] = group({ dense: group(dense) }, { weight_names: ['dense/kernel:0', 'dense/bias:0'] });
  weights['dropout'] = group({}, { weight_names: [] });
  const training = { loss: 'mse', metrics: ['mae'], optimizer_config: { class_name: 'Adam', config: { lr: 0.001 } } };
  return encodeHdf5(
    group(
      { model_weights: group(weights, { ...version, layer_names: ['lstm', 'dropout', 'lstm_1', 'dense'] }) },
      { ...version, model_config: JSON.stringify(modelConfig(name)), training_config: JSON.stringify(training) },
    ),
  );
}
