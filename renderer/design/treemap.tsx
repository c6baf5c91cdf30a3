import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Chart, LinearScale, Tooltip, type ChartEvent } from 'chart.js';
import { TreemapController, TreemapElement, type TreemapDataPoint } from 'chartjs-chart-treemap';
import { chartFont, themeToken, useThemeName } from './chart-theme.ts';
import css from './treemap.module.css';

Chart.register(TreemapController, TreemapElement, LinearScale, Tooltip);

export interface TreemapTile {
  id: string;
  name: string;
  /** Tiles of one group lie together under its name. */
  group: string;
  value: number;
  /** Token of its colour; without one it stands back. */
  color?: `--${string}` | undefined;
  /** A press on it does something. */
  opens: boolean;
}

export interface TreemapProps {
  /** What it shows, for those who hear the page; it must say where the same stands as a table. */
  label: string;
  tiles: readonly TreemapTile[];
  formatValue: (value: number) => string;
  onOpen: (id: string) => void;
}

/** Rectangles as large as what they stand for. Only for looking and the pointer: a table must be beside it. */
export function Treemap({ label, tiles, formatValue, onOpen }: TreemapProps): ReactNode {
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const theme = useThemeName();
  const [pointing, setPointing] = useState(false);
  const latest = JSON.stringify(tiles);
  const openRef = useRef(onOpen);
  useEffect(() => {
    openRef.current = onOpen;
  }, [onOpen]);
  useEffect(() => {
    const canvas = canvasRef.current;
    if (canvas === null) return undefined;
    const chart = draw(canvas, tiles, {
      formatValue,
      onOpen: (id) => openRef.current(id),
      onPoint: setPointing,
    });
    return () => chart.destroy();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `latest` is the data by value; a theme has new colours
  }, [latest, theme]);
  return (
    <div className={css.stage}>
      <canvas ref={canvasRef} role="img" aria-label={label} className={pointing ? css.pointing : undefined} />
    </div>
  );
}

interface Drawing {
  formatValue: (value: number) => string;
  onOpen: (id: string) => void;
  onPoint: (pointing: boolean) => void;
}

function draw(canvas: HTMLCanvasElement, tiles: readonly TreemapTile[], drawing: Drawing): Chart<'treemap'> {
  const token = themeToken();
  const font = chartFont(token);
  const byId = new Map(tiles.map((tile) => [tile.id, tile]));
  // The plugin gives groups and tiles alike; a tile is grouped by its id.
  const tileOf = (point: TreemapDataPoint | undefined): TreemapTile | undefined =>
    point?.isLeaf === true && point.g !== undefined ? byId.get(point.g) : undefined;
  const fill = (point: TreemapDataPoint | undefined, share: number): string => {
    const tile = tileOf(point);
    if (tile === undefined) return token('--sunken');
    const color = tile.color === undefined ? token('--elsewhere') : token(tile.color);
    return `color-mix(in srgb, ${color} ${share}%, ${token('--panel')})`;
  };
  const tileAt = (event: ChartEvent, chart: Chart): TreemapTile | undefined => {
    if (event.native === null) return undefined;
    const hit = chart.getElementsAtEventForMode(event.native, 'point', { intersect: true }, true).at(-1);
    const points = chart.data.datasets[0]?.data as unknown as readonly TreemapDataPoint[] | undefined;
    return hit === undefined ? undefined : tileOf(points?.[hit.index]);
  };
  return new Chart(canvas, {
    type: 'treemap',
    data: {
      datasets: [
        {
          data: [],
          // The plugin keeps names such as `group` and `label` for itself.
          tree: tiles.map(({ id, group, value }) => ({ id, top: group, value })),
          key: 'value',
          groups: ['top', 'id'],
          spacing: 1,
          borderWidth: 1,
          borderRadius: 3,
          borderColor: (context) => {
            const point = context.raw as TreemapDataPoint | undefined;
            return tileOf(point) === undefined ? token('--line') : fill(point, 70);
          },
          backgroundColor: (context) => fill(context.raw, 34),
          hoverBackgroundColor: (context) => fill(context.raw, 58),
          captions: {
            display: true,
            color: token('--text-2'),
            font: { ...font, weight: 600 },
            padding: 3,
          },
          labels: {
            display: true,
            align: 'left',
            position: 'top',
            overflow: 'cut',
            padding: 4,
            color: token('--text'),
            hoverColor: token('--text'),
            font,
            formatter: (context) => {
              const { raw } = context;
              const tile = tileOf(raw);
              if (tile === undefined || raw.h < 18 || raw.w < 34) return '';
              return raw.h < 34 ? tile.name : [tile.name, drawing.formatValue(tile.value)];
            },
          },
        },
      ],
    },
    options: {
      // It is drawn anew whenever something below it changes; growing out of nothing each time would only flicker.
      animation: false,
      maintainAspectRatio: false,
      onClick: (event, _, chart) => {
        const tile = tileAt(event, chart);
        if (tile?.opens === true) drawing.onOpen(tile.id);
      },
      onHover: (event, _, chart) => drawing.onPoint(tileAt(event, chart)?.opens === true),
      plugins: {
        tooltip: {
          filter: (item) => tileOf(item.raw as TreemapDataPoint) !== undefined,
          backgroundColor: token('--text'),
          titleColor: token('--bg'),
          bodyColor: token('--bg'),
          titleFont: { ...font, weight: 600 },
          bodyFont: font,
          padding: 8,
          cornerRadius: 6,
          displayColors: false,
          callbacks: {
            title: (items) => {
              const tile = tileOf(items[0]?.raw as TreemapDataPoint | undefined);
              return tile === undefined ? '' : tile.group === tile.name ? tile.name : `${tile.group} · ${tile.name}`;
            },
            label: (item) => drawing.formatValue(tileOf(item.raw as TreemapDataPoint)?.value ?? 0),
          },
        },
      },
    },
  });
}
