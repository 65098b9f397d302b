/** Examples for `--help`, by command. */
export const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  start: [
    'start web-07 m1.xlarge --cloud prod --reason CHG-1234',
    'start web-07 m1.xlarge --cloud prod --dry-run',
    'start web-07 m1.xlarge --cloud prod --adopt',
    'start web-07 m1.xlarge --cloud prod --approvals 2 --approver bob --approver eve --approver joe',
    'start web-07 m1.xlarge --cloud prod --decide-within 2h --on-timeout hold --wait',
  ],
  approve: ['approve web-07 --by bob --reason "looks good"', 'approve web-07 web-08 web-09'],
  reject: ['reject web-07 --by bob --reason "swaps"', 'reject web-07 --yes -f json'],
  status: ['status web-07', 'status resize-4f0c2f3e-8a53-4c0e-9a0d-3a1f6f7b9f10 -f json'],
  cancel: ['cancel web-07'],
  wait: ['wait web-07 --timeout 45m', 'wait web-07 --through-operator -f json'],
  extend: ['extend web-07 30m --by bob --reason "load test still runs"'],
  retry: ['retry web-07 --by bob --reason "host is back"'],
  abandon: ['abandon web-07 --by bob --reason "rebuilt by hand"'],
  'audit verify': [
    'audit verify /var/lib/durable-resize/audit-worker-1.jsonl',
    'audit verify audit-worker-1.jsonl --head 9c56cc51b374c3ba189210d5b6d4bf57790d351c96c47c02190ecf1e430635ab',
  ],
  'audit history': ['audit history web-07', 'audit history run.json -f json'],
  history: ['history web-07', 'history web-07 -f json'],
  orphans: ['orphans --cloud prod', 'orphans --cloud prod --every 1h -f json'],
  list: ['list --open', 'list --waiting-for bob', 'list --phase awaiting-decision -f json', 'list --limit 500'],
};
