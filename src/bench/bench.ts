/** What every measurement gets. */
export interface Bench {
  /** Progress, for people. */
  say: (text: string) => void;
  rounds: number;
  /** How many resizes the crowd has. */
  runs: number;
  /** Also what takes an hour. */
  full: boolean;
}
