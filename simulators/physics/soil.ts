/**
 * Root-zone water as a bucket in two layers (FAO-56, Allen et al. 1998, ch. 8, eq. 85): what rain and irrigation bring
 * beyond field capacity drains, evapotranspiration takes the rest, less of it when the soil is dry (eq. 84). Depths in
 * mm, water contents in % by volume.
 */
export interface Soil {
  readonly fieldCapacityPercent: number;
  readonly wiltingPointPercent: number;
  readonly layerMm: number;
  /** Share of the roots in the upper layer. */
  readonly upperShare: number;
  /** Share of the drainable water that leaves in an hour. */
  readonly drainPerHour: number;
}

export interface SoilState {
  readonly upperMm: number;
  readonly lowerMm: number;
}

export interface WaterFlows {
  readonly inMm: number;
  readonly evapotranspirationMm: number;
  readonly drainedMm: number;
}

/** Loam: field capacity 27 %, wilting point 12 % (FAO-56 table 19, middle of the ranges). */
export const loam: Soil = {
  fieldCapacityPercent: 27,
  wiltingPointPercent: 12,
  layerMm: 300,
  upperShare: 0.7,
  drainPerHour: 0.08,
};

/** Water content in % of a layer that holds `waterMm`. */
export function contentPercent(soil: Soil, waterMm: number): number {
  return (100 * waterMm) / soil.layerMm;
}

/** Advances by `hours` with so much water from above and so much demand of the air. */
export function stepSoil(
  soil: Soil,
  state: SoilState,
  waterMm: number,
  demandMm: number,
  hours: number,
): { readonly state: SoilState; readonly flows: WaterFlows } {
  const capacityMm = (soil.fieldCapacityPercent / 100) * soil.layerMm;
  const wiltingMm = (soil.wiltingPointPercent / 100) * soil.layerMm;
  const stress = (mm: number): number =>
    Math.min(1, Math.max(0, (mm - wiltingMm) / (0.6 * (capacityMm - wiltingMm))));
  const take = (mm: number, share: number): number => Math.min(mm - wiltingMm, demandMm * share * stress(mm));
  const drain = (mm: number): number => Math.max(0, mm - capacityMm) * Math.min(1, soil.drainPerHour * hours);
  let upperMm = state.upperMm + waterMm;
  const upperUse = Math.max(0, take(upperMm, soil.upperShare));
  upperMm -= upperUse;
  const down = drain(upperMm);
  upperMm -= down;
  let lowerMm = state.lowerMm + down;
  const lowerUse = Math.max(0, take(lowerMm, 1 - soil.upperShare));
  lowerMm -= lowerUse;
  const out = drain(lowerMm);
  lowerMm -= out;
  return {
    state: { upperMm, lowerMm },
    flows: { inMm: waterMm, evapotranspirationMm: upperUse + lowerUse, drainedMm: out },
  };
}

/**
 * Temperature in the soil: the air's daily wave, weaker and later with depth (Campbell & Norman 1998, eq. 2.4, damping
 * depth 0.1 m).
 */
export function soilTemperatureC(meanC: number, swingC: number, dayAngle: number, depthM: number): number {
  const damping = depthM / 0.1;
  return meanC + swingC * Math.exp(-damping) * Math.sin(dayAngle - damping);
}
