import type { Disk, Forecast } from '../../../shared/contract/index.ts';
import { formatBytes, formatDate } from '../../../shared/format.ts';

const dayMs = 86_400_000;

/** A span as one says it of the future: "3 days", "5 months". Never less than a day. */
export function spanWords(ms: number): string {
  const days = Math.max(1, Math.round(ms / dayMs));
  if (days < 90) return days === 1 ? '1 day' : `${days} days`;
  const months = Math.round(days / 30.44);
  if (months < 24) return `${months} months`;
  return `${Math.round(days / 365.25)} years`;
}

export interface ForecastWords {
  /** "full in about 43 days" */
  short: string;
  /** How sure it is, and what it rests on. */
  detail: string;
}

/** Later than this it is not worth a word, and not to be believed either. */
const farMs = 5 * 365 * dayMs;

/** When a disk will be full, in words; undefined where nothing can or need be said. */
export function forecastWords(forecast: Forecast | undefined, nowMs: number): ForecastWords | undefined {
  if (forecast?.state !== 'growing' || forecast.fullAtMs === undefined) return undefined;
  const { fullAtMs, earliestMs, latestMs, bytesPerDay, reason } = forecast;
  if (fullAtMs - nowMs > farMs) return undefined;
  const short = fullAtMs <= nowMs ? 'full any day now' : `full in about ${spanWords(fullAtMs - nowMs)}`;
  const detail = [
    rangeWords(earliestMs, latestMs),
    bytesPerDay === undefined || bytesPerDay <= 0 ? undefined : `grows by ${formatBytes(bytesPerDay)} a day`,
    reason === '' ? undefined : `rests on ${reason}`,
  ].filter((each) => each !== undefined);
  return { short, detail: detail.join(' · ') };
}

/** The forecast of the disk that is full first, of all or of those a store lies on. */
export function firstFull(
  forecasts: readonly Forecast[],
  disks: readonly Disk[],
  store: string | undefined,
): { forecast: Forecast; disk: Disk } | undefined {
  return disks
    .filter((disk) => store === undefined || disk.stores.includes(store))
    .flatMap((disk) => {
      const forecast = forecasts.find((each) => each.mountPoint === disk.mountPoint);
      return forecast?.fullAtMs === undefined ? [] : [{ forecast, disk, at: forecast.fullAtMs }];
    })
    .toSorted((a, b) => a.at - b.at)[0];
}

function rangeWords(earliestMs: number | undefined, latestMs: number | undefined): string | undefined {
  if (earliestMs === undefined) return undefined;
  if (latestMs === undefined) return `not before ${formatDate(earliestMs)}, and perhaps never`;
  return `most likely between ${formatDate(earliestMs)} and ${formatDate(latestMs)}`;
}
