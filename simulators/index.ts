/** What `simulators` offers to the other folders; nothing outside imports a file of this folder directly. */

export type { AckServer, AckServerOptions, ReceivedPublish } from './load/ack-server.ts';
export { startAckServer } from './load/ack-server.ts';
export type { AckedPublisher, AckedPublisherOptions, SentMessage } from './load/acked-publisher.ts';
export { runAckedPublisher } from './load/acked-publisher.ts';
export type { Credentials } from './load/connection.ts';
export type { LatencySummary } from './load/histogram.ts';
export type { PayloadOf } from './load/template.ts';
export type { LoadFigures, LoadMode, LoadOptions, LoadSecond } from './load.ts';
export { runLoad } from './load.ts';
