/**
 * What `ostiary check` tells about one thing it looked at.
 */
import type { Complaint } from '../config/complaints.ts';

/** One thing that was looked at: what was found, or what is wrong with it. */
export interface Finding {
  readonly subject: string;
  /** What was found, where nothing is wrong. */
  readonly says?: string;
  /** What works as it stands, and hardly can be meant. */
  readonly warning?: string;
  readonly complaints: readonly Complaint[];
}
