import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Chart, Filler, LinearScale, LineController, LineElement, PointElement, Tooltip } from 'chart.js';
import { ChartLine, Table2 } from 'lucide-react';
import { IconButton } from './button.tsx';
import { Swatch } from './bar.tsx';
import { cx } from './cx.ts';
import { chartFont, isStill, themeToken, useThemeName } from './chart-theme.ts';
import { Table, type Column } from './table.tsx';
import css from './chart.module.css';

Chart.register(LineController, LineElement, PointElement, LinearScale, Filler, Tooltip);

export interface ChartSeries {
  id: string;
  label: string;
  /** Token of its colour. */
  color: `--${string}`;
  /** One value for each of the chart's times. */
  values: readonly number[];
}

export interface TimeChartProps {
  /** What it shows, for those who hear the page. */
  label: string;
  /** Times of the samples, ms, rising. */
  times: readonly number[];
  /** Stacked from the bottom. */
  series: readonly ChartSeries[];
  from: number;
  to: number;
  ticks: readonly { atMs: number; label: string }[];
  formatValue: (value: number) => string;
  formatTime: (atMs: number) => string;
  /** Step of the value axis. */
  valueStep?: number;
  maxValue?: number;
  /** Lower, for a figure beside others. */
  compact?: boolean;
}

/** Areas over time, stacked, with the same numbers as a table for those who read rather than look. */
export function TimeChart(props: TimeChartProps): ReactNode {
  const [asTable, setAsTable] = useState(false);
  return (
    <figure className={css.figure} aria-label={props.label}>
      <div className={cx(css.stage, props.compact === true && css.compact)}>
        {asTable ? <ChartTable {...props} /> : <ChartCanvas {...props} />}
      </div>
      <figcaption className={css.caption}>
        <ul className={css.legend}>
          {props.series.map((series) => (
            <li key={series.id}>
              <Swatch color={series.color} />
              {series.label}
            </li>
          ))}
        </ul>
        <IconButton
          icon={asTable ? ChartLine : Table2}
          label={asTable ? 'Show as chart' : 'Show as table'}
          size="small"
          onClick={() => setAsTable(!asTable)}
        />
      </figcaption>
    </figure>
  );
}

interface TableRow {
  atMs: number;
  index: number;
}

function ChartTable({ label, times, series, formatValue, formatTime }: TimeChartProps): ReactNode {
  const columns: Column<TableRow>[] = [
    { id: 'time', header: 'When', cell: (row) => formatTime(row.atMs), compare: (a, b) => a.atMs - b.atMs },
    ...series.map((each): Column<TableRow> => ({
      id: each.id,
      header: each.label,
      align: 'end',
      cell: (row) => formatValue(each.values[row.index] ?? 0),
    })),
    ...(series.length < 2
      ? []
      : [
          {
            id: 'total',
            header: 'Total',
            align: 'end' as const,
            cell: (row: TableRow) => formatValue(series.reduce((sum, each) => sum + (each.values[row.index] ?? 0), 0)),
          },
        ]),
  ];
  const rows = times.map((atMs, index) => ({ atMs, index }));
  return (
    // The scrolling area must be reachable by keyboard.
    <div className={css.tableScroll} tabIndex={0} role="region" aria-label={`${label}, as a table`}>
      <Table
        label={label}
        columns={columns}
        rows={rows}
        rowKey={(row) => String(row.index)}
        initialSort={{ column: 'time', direction: 'down' }}
      />
    </div>
  );
}

function ChartCanvas(props: TimeChartProps): ReactNode {
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const theme = useThemeName();
  const latest = JSON.stringify([props.times, props.series, props.from, props.to, props.ticks]);
  useEffect(() => {
    const canvas = canvasRef.current;
    if (canvas === null) return undefined;
    const chart = draw(canvas, props);
    return () => chart.destroy();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `latest` is the data by value; a theme has new colours
  }, [latest, theme]);
  const last = props.times.length - 1;
  const summary = props.series
    .map((series) => `${series.label} ${props.formatValue(series.values[last] ?? 0)}`)
    .join(', ');
  return <canvas ref={canvasRef} role="img" aria-label={`${props.label}. Now: ${summary}. A table is beside it.`} />;
}

function draw(canvas: HTMLCanvasElement, props: TimeChartProps): Chart {
  const token = themeToken();
  const font = chartFont(token);
  const compact = props.times.length > 12;
  return new Chart(canvas, {
    type: 'line',
    data: {
      datasets: props.series.map((series) => ({
        label: series.label,
        data: props.times.map((x, index) => ({ x, y: series.values[index] ?? 0 })),
        borderColor: token(series.color),
        backgroundColor: `color-mix(in srgb, ${token(series.color)} 22%, transparent)`,
        borderWidth: 1.5,
        pointRadius: compact ? 0 : 2,
        pointHoverRadius: 4,
        pointBackgroundColor: token(series.color),
        fill: 'stack',
        tension: 0,
      })),
    },
    options: {
      animation: isStill() ? false : { duration: 120 },
      maintainAspectRatio: false,
      interaction: { mode: 'index', intersect: false },
      scales: {
        x: {
          type: 'linear',
          min: props.from,
          max: props.to,
          afterBuildTicks: (axis) => {
            axis.ticks = props.ticks.map((tick) => ({ value: tick.atMs }));
          },
          ticks: {
            color: token('--text-3'),
            font,
            maxRotation: 0,
            align: 'inner',
            callback: (value) => props.ticks.find((tick) => tick.atMs === Number(value))?.label ?? '',
          },
          grid: { display: false },
          border: { color: token('--line') },
        },
        y: {
          stacked: true,
          beginAtZero: true,
          ...(props.maxValue === undefined ? {} : { max: props.maxValue }),
          ticks: {
            color: token('--text-3'),
            font,
            maxTicksLimit: 6,
            ...(props.valueStep === undefined ? {} : { stepSize: props.valueStep }),
            callback: (value) => (Number(value) === 0 ? '0' : props.formatValue(Number(value)).replace('.0 ', ' ')),
          },
          grid: { color: token('--line') },
          border: { display: false },
        },
      },
      plugins: {
        tooltip: {
          backgroundColor: token('--text'),
          titleColor: token('--bg'),
          bodyColor: token('--bg'),
          titleFont: { ...font, weight: 600 },
          bodyFont: font,
          padding: 8,
          boxPadding: 4,
          cornerRadius: 6,
          callbacks: {
            title: (items) => props.formatTime(items[0]?.parsed.x ?? 0),
            label: (item) => `${item.dataset.label ?? ''} ${props.formatValue(Number(item.parsed.y))}`,
          },
        },
      },
    },
  });
}
