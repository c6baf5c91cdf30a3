import { useEffect, useRef, useState, type ReactNode } from 'react';
import type { Store, StoreLayout } from '../../../shared/contract/index.ts';
import { displayName } from '../../../shared/path-text.ts';
import { PageHeader } from '../../app/frame/index.ts';
import { useAction } from '../../data/index.ts';
import { Button, CommandLine, cx } from '../../design/index.ts';
import { nameProblem, noChoices, ownerProblem, pathOf, setupCommand, type Choices } from './choices.ts';
import { FolderStep } from './folder-step.tsx';
import { LayoutStep } from './layout-step.tsx';
import { OptionsStep } from './options-step.tsx';
import { PlanStep, useSetupPlan } from './plan-step.tsx';
import { ResultStep } from './result-step.tsx';
import css from './wizard.module.css';

const steps = [
  { id: 'folder', label: 'Folder' },
  { id: 'layout', label: 'Layout' },
  { id: 'options', label: 'What to make' },
  { id: 'plan', label: 'Plan' },
  { id: 'result', label: 'Result' },
] as const;
type StepId = (typeof steps)[number]['id'];

const headings: Readonly<Record<StepId, string>> = {
  folder: 'Which folder is to hold the data?',
  layout: 'What is it laid out for?',
  options: 'What is to be made?',
  plan: 'What would happen',
  result: 'What was done',
};

function firstStep(store: Store | undefined, layout: StoreLayout | undefined): StepId {
  if (store === undefined) return 'folder';
  return layout?.layout === undefined && layout?.source !== 'larder.yaml' ? 'layout' : 'plan';
}

/** The way from a folder to a laid out, tested data folder. Of a store the folder is settled. */
export function Wizard({ store, layout }: { store: Store | undefined; layout: StoreLayout | undefined }): ReactNode {
  const [choices, setChoices] = useState<Choices>({
    ...noChoices,
    folder: store?.path ?? '',
    layout: layout?.layout?.id ?? (layout?.source === 'larder.yaml' ? 'none' : undefined),
    register: store === undefined,
  });
  const [step, setStep] = useState<StepId>(firstStep(store, layout));
  const [job, setJob] = useState<string>();
  const plan = useSetupPlan(choices, step === 'plan');
  const apply = useAction('setup.apply');
  const headingRef = useRef<HTMLHeadingElement>(null);
  const shownStep = useRef(step);
  useEffect(() => {
    // The keyboard begins at the top of each step.
    if (shownStep.current !== step) headingRef.current?.focus();
    shownStep.current = step;
  }, [step]);

  const shown = steps.filter(({ id }) => store === undefined || id !== 'folder');
  const at = shown.findIndex(({ id }) => id === step);
  const put = (change: Partial<Choices>): void => setChoices((before) => ({ ...before, ...change }));
  const go = (to: number): void => {
    const next = shown[to]?.id;
    if (next === undefined) return;
    apply.reset();
    setStep(next);
  };
  const path = pathOf(choices);
  const planned = plan.isFetching || plan.isError ? undefined : plan.data;
  const blocked: Readonly<Record<Exclude<StepId, 'plan' | 'result'>, string | undefined>> = {
    folder: path === '' ? 'Choose a folder first' : nameProblem(choices.newFolder),
    layout: choices.layout === undefined ? 'Choose a layout first' : undefined,
    options: ownerProblem(choices.owner) ?? (choices.parts?.length === 0 ? 'Choose something to make' : undefined),
  };
  const start = (): void => {
    if (planned === undefined) return;
    const register =
      choices.register && planned.store === undefined
        ? choices.storeName.trim() === ''
          ? true
          : choices.storeName.trim()
        : false;
    apply.mutate(
      { plan: planned.plan, register },
      {
        onSuccess: ({ job: id }) => {
          setJob(id);
          setStep('result');
        },
      },
    );
  };
  const todo = planned?.todo ?? 0;
  const nothing = planned !== undefined && todo === 0 && (!choices.register || planned.store !== undefined);

  return (
    <>
      <PageHeader
        title={store === undefined ? 'Set up a data folder' : `Set up ${store.name}`}
        detail={
          step === 'folder' ? (
            'Folders, permissions and the files beside the data. What exists is never overwritten, and all of it can be undone.'
          ) : (
            <code className={css.path}>{displayName(path)}</code>
          )
        }
      />
      <ol className={css.stepper} aria-label="Steps">
        {shown.map(({ id, label }, index) => (
          <li key={id} className={cx(css.step, index < at && css.past, index === at && css.now)}>
            <button
              type="button"
              className={css.stepButton}
              aria-current={index === at ? 'step' : undefined}
              disabled={step === 'result' || index > at}
              onClick={() => go(index)}
            >
              <span className={css.number} aria-hidden="true">
                {index + 1}
              </span>
              {label}
            </button>
          </li>
        ))}
      </ol>
      <section
        className={css.body}
        aria-label={headings[step]}
        onKeyDown={(event) => {
          // Enter in a text goes on, as in any form.
          const isText = event.target instanceof HTMLInputElement && event.target.type === 'text';
          // A window that opened from here is not here.
          const isHere = event.target instanceof Node && event.currentTarget.contains(event.target);
          if (event.key !== 'Enter' || !isText || !isHere || event.defaultPrevented) return;
          if ((step === 'folder' || step === 'options') && blocked[step] === undefined) go(at + 1);
        }}
      >
        {step === 'result' ? null : (
          <h2 ref={headingRef} tabIndex={-1} className={css.heading}>
            {headings[step]}
          </h2>
        )}
        {step === 'folder' ? <FolderStep choices={choices} onChange={put} /> : null}
        {step === 'layout' ? <LayoutStep choices={choices} onChange={put} /> : null}
        {step === 'options' ? <OptionsStep choices={choices} store={store} onChange={put} /> : null}
        {step === 'plan' ? <PlanStep plan={plan} apply={apply} /> : null}
        {step === 'result' ? (
          <ResultStep
            job={job}
            choices={choices}
            plan={plan.data}
            store={store}
            onAgain={() => {
              setJob(undefined);
              apply.reset();
              setStep('plan');
            }}
          />
        ) : null}
      </section>
      {step === 'result' ? null : (
        <div className={css.foot}>
          {at > 0 ? <Button onClick={() => go(at - 1)}>Back</Button> : null}
          {step === 'plan' ? (
            <Button
              variant="primary"
              busy={apply.isPending}
              disabledReason={
                planned === undefined ? (plan.isError ? 'There is no plan' : 'Looking at the folder') : undefined
              }
              onClick={nothing ? () => setStep('result') : start}
            >
              {nothing
                ? 'Go on'
                : todo === 0
                  ? 'Add the store'
                  : todo === 1
                    ? 'Do this step'
                    : `Do these ${todo} steps`}
            </Button>
          ) : (
            <Button variant="primary" disabledReason={blocked[step]} onClick={() => go(at + 1)}>
              Next
            </Button>
          )}
        </div>
      )}
      {step === 'plan' ? <CommandLine command={setupCommand(choices)} /> : null}
    </>
  );
}
