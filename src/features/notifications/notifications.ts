/** The notifications feature, put together. */

import * as deliveries from './deliveries.ts';
import * as endpoints from './endpoints.ts';
import type { NotificationDeps, Notifications } from './types.ts';

export function createNotifications(deps: NotificationDeps): Notifications {
  return {
    create: (request) => endpoints.create(deps, request),
    list: (principal, page) => endpoints.list(deps, principal, page),
    retrieve: (principal, endpoint) => endpoints.retrieve(deps, principal, endpoint),
    update: (principal, endpoint, patch) => endpoints.update(deps, principal, endpoint, patch),
    remove: (principal, endpoint) => endpoints.remove(deps, principal, endpoint),
    rotateSecret: (request) => endpoints.rotateSecret(deps, request),
    sendTest: (request) => deliveries.sendTest(deps, request),
    deliveries: (principal, endpoint, page) => deliveries.deliveries(deps, principal, endpoint, page),
    redeliver: (request) => deliveries.redeliver(deps, request),
  };
}
