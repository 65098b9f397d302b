import { USUAL_REQUESTS } from '../activities/request-effect';
import { SHARE_OF_LIMIT } from '../resize/changes';

/**
 * How many activities a task queue may begin in a second, so that their requests and the lists of the watcher together
 * keep to the limit of a profile.
 * @param watched the watcher of the cloud is on
 */
export function activitiesPerSecond(requestsPerSecond: number, watched: boolean): number {
  return (requestsPerSecond * (watched ? 1 - SHARE_OF_LIMIT : 1)) / USUAL_REQUESTS;
}
