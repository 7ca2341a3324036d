/**
 * A cold room or a reefer body as a heat balance of two bodies, air (with the fittings it cools) and product:
 *
 *   C_air dT_air/dt = UA (T_out - T_air) + door (T_out - T_air) + h (T_product - T_air) - Q_compressor
 *   C_product dT_product/dt = h (T_air - T_product) + Q_respiration
 *
 * Lumped-capacitance balance (Incropera & DeWitt, Fundamentals of Heat and Mass Transfer, ch. 5). Powers in kW, heat
 * capacities in kJ/K. The compressor switches by hysteresis around its set point and rests while it defrosts.
 */
export interface ColdStore {
  /** Loss through walls, kW/K. */
  readonly wallKwPerK: number;
  /** Added while the door is open, kW/K: exchange of air through it. */
  readonly doorKwPerK: number;
  readonly airKjPerK: number;
  readonly productKjPerK: number;
  /** Between air and product, kW/K. */
  readonly productKwPerK: number;
  readonly respirationKw: number;
  readonly compressorKw: number;
  readonly setPointC: number;
  readonly hysteresisC: number;
}

export interface ColdStoreState {
  readonly airC: number;
  readonly productC: number;
  readonly isRunning: boolean;
}

export interface ColdStoreInput {
  readonly outsideC: number;
  readonly isDoorOpen: boolean;
  /** False while it defrosts, is broken or has no power. */
  readonly canRun: boolean;
}

/** Heat that moved in a step, in kJ; for the balance. */
export interface HeatFlows {
  readonly inKj: number;
  readonly respirationKj: number;
  readonly outKj: number;
}

/** Seconds of one integration step: a tenth of the fastest time constant (air against compressor). */
const STEP_S = 10;

/** Advances by `seconds` (a multiple of STEP_S). */
export function stepColdStore(
  store: ColdStore,
  state: ColdStoreState,
  input: ColdStoreInput,
  seconds: number,
): { readonly state: ColdStoreState; readonly flows: HeatFlows } {
  let { airC, productC, isRunning } = state;
  let [inKj, respirationKj, outKj] = [0, 0, 0];
  for (let passed = 0; passed < seconds; passed += STEP_S) {
    if (airC > store.setPointC + store.hysteresisC) isRunning = true;
    if (airC < store.setPointC - store.hysteresisC) isRunning = false;
    const openness = store.wallKwPerK + (input.isDoorOpen ? store.doorKwPerK : 0);
    const gain = openness * (input.outsideC - airC) * STEP_S;
    const toProduct = store.productKwPerK * (airC - productC) * STEP_S;
    const cooling = isRunning && input.canRun ? store.compressorKw * STEP_S : 0;
    const breath = store.respirationKw * STEP_S;
    airC += (gain - toProduct - cooling) / store.airKjPerK;
    productC += (toProduct + breath) / store.productKjPerK;
    inKj += gain;
    respirationKj += breath;
    outKj += cooling;
  }
  return { state: { airC, productC, isRunning }, flows: { inKj, respirationKj, outKj } };
}

/** A packhouse pre-cooler of about 60 m3 with 3 t of fruit. */
export const preCooler: ColdStore = {
  wallKwPerK: 0.05,
  doorKwPerK: 0.4,
  airKjPerK: 900,
  productKjPerK: 11_000,
  productKwPerK: 0.35,
  respirationKw: 0.15,
  compressorKw: 5,
  setPointC: 1.8,
  hysteresisC: 0.6,
};

/** A warehouse room of about 400 m3. */
export const warehouse: ColdStore = {
  ...preCooler,
  wallKwPerK: 0.16,
  airKjPerK: 4_000,
  productKjPerK: 70_000,
  productKwPerK: 1.6,
  compressorKw: 14,
  setPointC: 2.5,
  hysteresisC: 0.7,
};

/** A 6 m reefer body with 2 t of fruit. */
export const reefer: ColdStore = {
  ...preCooler,
  wallKwPerK: 0.07,
  doorKwPerK: 0.6,
  airKjPerK: 500,
  productKjPerK: 7_500,
  productKwPerK: 0.25,
  compressorKw: 6,
  setPointC: 3,
  hysteresisC: 0.8,
};
