import { QueueWait } from './queue-wait.js';

// A page may include the script twice.
if (!customElements.get('queue-wait')) customElements.define('queue-wait', QueueWait);
