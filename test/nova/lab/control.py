"""What tests ask of the lab: slow or failing driver calls, faults on the way to Nova, and counts of requests.

The endpoint is /_lab; it is the harness's own, not Nova's.

PUT /_lab with JSON of this shape adds to what is set (servers of a call are united, http entries appended):

    {
      "delay": {"finish_migration": {"<server>": 4}},        seconds that the driver call takes longer
      "fail":  {"confirm_migration": ["<server>"]},          servers on which the driver call fails
      "http":  [{"server": "<id>", "match": "resize", "fault": "drop-after", "times": 1}]
    }

<server> of a driver call is an id, a name or "*". Driver calls: see DRIVER_CALLS.

An http entry is used for the next `times` (default 1) requests that match, and is gone then:
    server   an id, or "*" for every request, also those that name no server
    match    an action ("resize", "confirmResize", "revertResize", ...), a method ("GET": every GET), or a method
             and what it is about ("GET server", "GET instance-actions", "GET flavors")
    fault    drop-before    the connection is closed, Nova never sees the request
             drop-after     Nova carries the request out, the connection is closed instead of an answer
             hang-before    the request reaches Nova `seconds` late, even if the client has gone
             hang-after     Nova carries the request out, the answer comes `seconds` late
             status:N       answered with status N, with `headers` if given; Nova never sees the request

GET /_lab shows all that, and "counters": per server (or "-" for a request that names none) how many requests came
in, faulty ones included: {"<id>": {"POST resize": 1, "GET server": 12, "GET instance-actions": 3}}.

DELETE /_lab forgets everything, counters too; DELETE /_lab?server=<id> only what was set for that server.
"""
import collections
import json
import re

DRIVER_CALLS = (
    'migrate_disk_and_power_off', 'finish_migration', 'confirm_migration', 'finish_revert_migration',
    'power_off', 'power_on')
FAULTS = re.compile(r'(drop-before|drop-after|hang-before|hang-after|status:[1-5]\d\d)$')
PATH = re.compile(r'/v2(?:\.1)?/(?P<collection>[^/]+)(?:/(?P<server>[0-9a-f-]{36}))?(?:/(?P<below>.+))?$')


def describe(request):
    """What a request is about: (server id or '-', 'POST resize' or 'GET instance-actions')."""
    path = PATH.match(request.path_info)
    if not path:
        return '-', f'{request.method} {request.path_info}'
    server, below = path['server'], path['below']
    if path['collection'] != 'servers' or not server:
        return '-', f'{request.method} {path["collection"]}'
    if below == 'action':
        action = next(iter(request.json_body), 'action') if request.body else 'action'
        return server, f'{request.method} {action}'
    if below:
        kind, _, one = below.partition('/')
        kind = kind.removeprefix('os-')
        return server, f'{request.method} {kind.removesuffix("s") if one else kind}'
    return server, f'{request.method} server'


class Control:
    def __init__(self):
        self.forget()

    def forget(self, server=None):
        if server is None:
            self.delay = {call: {} for call in DRIVER_CALLS}
            self.fail = {call: set() for call in DRIVER_CALLS}
            self.http = []
            self.counters = collections.defaultdict(collections.Counter)
            return
        for call in DRIVER_CALLS:
            self.delay[call].pop(server, None)
            self.fail[call].discard(server)
        self.http = [entry for entry in self.http if entry['server'] != server]
        self.counters.pop(server, None)

    def add(self, change):
        """Raises ValueError or KeyError, and adds nothing, when the change is not of the documented shape."""
        unknown = set(change) - {'delay', 'fail', 'http'}
        calls = [*change.get('delay', {}), *change.get('fail', {})]
        unknown |= set(calls) - set(DRIVER_CALLS)
        if unknown:
            raise ValueError(f'unknown: {sorted(unknown)}')
        entries = [self._entry(**entry) for entry in change.get('http', [])]
        delays = {call: {server: float(seconds) for server, seconds in servers.items()}
                  for call, servers in change.get('delay', {}).items()}
        for call, servers in delays.items():
            self.delay[call].update(servers)
        for call, servers in change.get('fail', {}).items():
            self.fail[call].update(servers)
        self.http += entries

    @staticmethod
    def _entry(server, match, fault, times=1, seconds=0, headers=None):
        if not FAULTS.match(fault):
            raise ValueError(f'unknown fault: {fault}')
        return {'server': server, 'match': match, 'fault': fault, 'times': int(times), 'seconds': float(seconds),
                'headers': headers or {}}

    def show(self):
        return {'delay': {call: servers for call, servers in self.delay.items() if servers},
                'fail': {call: sorted(servers) for call, servers in self.fail.items() if servers},
                'http': self.http, 'counters': self.counters}

    def driver_call(self, call, instance):
        """(seconds to wait, whether to fail) for this call of the driver."""
        names = (instance.uuid, instance.display_name, '*')
        delay = next((self.delay[call][name] for name in names if name in self.delay[call]), 0)
        return delay, not self.fail[call].isdisjoint(names)

    def arrived(self, server, what):
        """Counts a request. Gives the http entry that it runs into, or None."""
        self.counters[server][what] += 1
        method, _, kind = what.partition(' ')
        for entry in self.http:
            if entry['server'] in (server, '*') and entry['match'] in (what, method, kind):
                entry['times'] -= 1
                if entry['times'] <= 0:
                    self.http.remove(entry)
                return entry
        return None

    def answer(self, request):
        """(status, JSON) for a request to the endpoint itself."""
        try:
            if request.method == 'PUT':
                self.add(json.loads(request.body))
            elif request.method == 'DELETE':
                self.forget(request.GET.get('server'))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            return 400, {'error': f'not a control of the lab: {error}'}
        return 200, self.show()
