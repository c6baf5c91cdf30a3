import type { DataSet } from './data-set.ts';

/** One thing that is measured, by Larder and by what a person would use instead. */
export interface Row {
  /** What `--rows` names it by. */
  readonly id: string;
  readonly title: string;
  /** `tree` and `store` stand for those of each size asked for with `--sizes` and `--scales`. */
  readonly dataSet: DataSet;
  contenders(ground: Ground): Promise<readonly Contender[]> | readonly Contender[];
  readonly bars: readonly Bar[];
  readonly limits?: readonly Limit[];
}

export interface Ground {
  /** The data set's folder; read only. */
  readonly root: string;
  /** A folder for what runs write; emptied between runs. */
  readonly work: string;
}

export interface Contender {
  readonly name: string;
  /** Why it cannot take part here. */
  readonly missing?: string | undefined;
  /** One run. Gives the seconds that count, and what else is worth showing. */
  run(): Promise<Sample>;
  /** After the last run. */
  close?(): Promise<void>;
}

export interface Sample {
  readonly seconds: number;
  /** Bytes it left in the work folder. */
  readonly bytes?: number;
  /** Largest resident memory of the process, in MB. */
  readonly memoryMb?: number;
}

/** Median of `of` divided by median of `against` should be at most `bar`. */
export interface Bar {
  readonly of: string;
  readonly against: string;
  readonly bar: number;
  readonly moonshot?: number;
}

/** The median of `of` should be at most `bar`, whatever others need. */
export interface Limit {
  readonly of: string;
  /** `storedMb`: what it left in the destination, in MB. */
  readonly what: 'seconds' | 'memoryMb' | 'storedMb';
  readonly bar: number;
  readonly moonshot?: number;
}
