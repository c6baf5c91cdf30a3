import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Asker } from './asker.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

interface Question {
  signal: AbortSignal;
  answer: (text: string) => void;
}

function start(): { asker: Asker<string>; questions: Question[]; answers: string[] } {
  const questions: Question[] = [];
  const answers: string[] = [];
  const asker = new Asker<string>({
    ask: (signal) => new Promise((resolve) => questions.push({ signal, answer: resolve })),
    onAnswer: (answer) => answers.push(answer),
    delayMs: 250,
    now: () => Date.now(),
  });
  return { asker, questions, answers };
}

describe('asking', () => {
  it('waits until nothing was ticked for a while', () => {
    const { asker, questions } = start();
    vi.advanceTimersByTime(249);
    expect(questions).toHaveLength(0);
    asker.stop();
    vi.advanceTimersByTime(1_000);
    expect(questions).toHaveLength(0);
  });

  it('drops the answer to a question that was overtaken, and tells whoever works on it', async () => {
    const { asker, questions, answers } = start();
    vi.advanceTimersByTime(250);
    asker.stop();
    expect(questions[0]!.signal.aborted).toBe(true);
    questions[0]!.answer('late');
    await vi.advanceTimersByTimeAsync(0);
    expect(answers).toEqual([]);
  });

  it('lets an answer come although the ground moves, and asks once more after it', async () => {
    const { asker, questions, answers } = start();
    await vi.advanceTimersByTimeAsync(250);
    asker.again();
    asker.again();
    await vi.advanceTimersByTimeAsync(4_000);
    expect(questions).toHaveLength(1);
    expect(questions[0]!.signal.aborted).toBe(false);
    questions[0]!.answer('first');
    await vi.advanceTimersByTimeAsync(0);
    expect(answers).toEqual(['first']);
    // As long as the answer took.
    await vi.advanceTimersByTimeAsync(3_999);
    expect(questions).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    questions[1]!.answer('second');
    await vi.advanceTimersByTimeAsync(0);
    expect(answers).toEqual(['first', 'second']);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(questions).toHaveLength(2);
  });

  it('asks again when told so later', async () => {
    const { asker, questions } = start();
    await vi.advanceTimersByTimeAsync(250);
    questions[0]!.answer('first');
    await vi.advanceTimersByTimeAsync(10_000);
    asker.again();
    asker.again();
    await vi.advanceTimersByTimeAsync(250);
    expect(questions).toHaveLength(2);
  });
});
