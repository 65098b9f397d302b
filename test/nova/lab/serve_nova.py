"""A real Nova on loopback in one process, its databases in memory, for the suite on a real Nova.

    /usr/bin/python3 serve_nova.py --port N --keystone-url URL --paste-file FILE --dir DIR

API, conductor, scheduler, two computes with the fake driver, placement: all from Nova's own functional-test
fixtures, the API's WSGI application unmodified and authenticated by the Keystone at URL. Image and network services
are Nova's stubs. Prints one line when it serves: READY {"url"}. Ends when its standard input is closed, and removes
DIR then.

In front of Nova stands the lab's control: see control.py.
"""
import argparse
import inspect
import json
import logging
import os
import sys
import tempfile

import lifeline

parser = argparse.ArgumentParser()
parser.add_argument('--port', type=int, required=True)
parser.add_argument('--keystone-url', required=True)
parser.add_argument('--paste-file', required=True, help='api-paste.ini of the package nova-common')
parser.add_argument('--dir', required=True, help='a directory of its own, for lock files')
args = parser.parse_args()
lifeline.end_with_parent(args.dir)

tempfile.tempdir = args.dir
os.environ['OS_LOG_CAPTURE'] = '0'
sys.argv = ['nova']  # Nova parses the command line too

from nova import test  # first: it lets eventlet patch the standard library

import eventlet
import eventlet.wsgi
import fixtures
import webob
import webob.dec
from nova import exception
from nova.tests import fixtures as nova_fixtures
from nova.tests.functional import fixtures as functional_fixtures
from nova.virt import fake
from paste import deploy

from control import DRIVER_CALLS, Control, describe

control = Control()


class LabDriver(fake.FakeDriver):
    """Nova's fake driver, with the delays and failures of the control."""


def controlled(call):
    original = getattr(fake.FakeDriver, call)
    signature = inspect.signature(original)

    def method(*positional, **named):
        delay, fail = control.driver_call(call, signature.bind(*positional, **named).arguments['instance'])
        eventlet.sleep(delay)
        if fail:
            raise exception.NovaException(f'{call} fails: the lab was told so')
        return original(*positional, **named)

    return method


for name in DRIVER_CALLS:
    setattr(LabDriver, name, controlled(name))
fake.LabDriver = LabDriver  # Nova loads drivers by name, from its own package


class StderrLogging(fixtures.Fixture):
    """In place of a fixture that keeps every log line in memory until the test ends."""

    def _setUp(self):
        logging.basicConfig(stream=sys.stderr, level=logging.INFO, force=True,
                            format='%(asctime)s %(levelname)s %(name)s %(message)s')
        for noisy in ('alembic', 'oslo_db.sqlalchemy', 'oslo_policy', 'nova.policy'):
            logging.getLogger(noisy).setLevel(logging.WARNING)
        self.useFixture(fixtures.MonkeyPatch('oslo_log.log.setup', lambda *_, **__: None))


nova_fixtures.StandardLogging = StderrLogging


class Lab(test.TestCase):
    """A "test" that is set up and never run: Nova's fixtures want one to hang on."""

    REQUIRES_LOCKING = True

    def runTest(self):
        pass

    def setUp(self):
        super().setUp()
        self.flags(compute_driver='fake.LabDriver', allow_resize_to_same_host=True)
        self.flags(instances=-1, cores=-1, ram=-1, group='quota')
        self.useFixture(nova_fixtures.RealPolicyFixture())
        self.useFixture(nova_fixtures.NeutronFixture(self))
        self.useFixture(nova_fixtures.GlanceFixture(self))
        self.useFixture(functional_fixtures.PlacementFixture())
        self.start_service('conductor')
        self.start_service('scheduler')
        for host in ('host1', 'host2'):
            self._start_compute(host)


def nova_api():
    # Tokens are not cached, so that one that was revoked is refused at once.
    authentication = {
        'auth_type': 'password', 'auth_url': args.keystone_url, 'www_authenticate_uri': args.keystone_url,
        'username': 'admin', 'password': 'secret', 'user_domain_id': 'default',
        'project_name': 'lab', 'project_domain_id': 'default', 'token_cache_time': '-1'}
    return deploy.loadapp(f'config:{args.paste_file}', name='osapi_compute', global_conf=authentication)


def dropped(environ, start_response):
    """Closes the connection without a byte of an answer."""
    eventlet.wsgi.WSGI_LOCAL.already_handled = True
    return []


def front(nova):
    """The WSGI application: the control endpoint, and Nova behind the http faults."""

    @webob.dec.wsgify
    def application(request):
        if request.path_info == '/_lab':
            status, body = control.answer(request)
            return webob.Response(status=status, json_body=body)
        entry = control.arrived(*describe(request))
        if entry is None:
            return nova
        fault, seconds = entry['fault'], entry['seconds']
        if fault.startswith('status:'):
            status = int(fault.removeprefix('status:'))
            body = {'computeFault': {'code': status, 'message': 'The lab was told to answer so.'}}
            return webob.Response(status=status, json_body=body, headerlist=None, headers=entry['headers'])
        if fault == 'drop-before':
            return dropped
        if fault == 'hang-before':
            eventlet.sleep(seconds)
        answer = request.get_response(nova)
        if fault == 'drop-after':
            return dropped
        if fault == 'hang-after':
            eventlet.sleep(seconds)
        return answer

    return application


lab = Lab()
lab.setUp()
application = front(nova_api())
socket = eventlet.listen(('127.0.0.1', args.port), backlog=512)
print('READY', json.dumps({'url': f'http://127.0.0.1:{args.port}/v2.1'}), flush=True)
eventlet.wsgi.server(socket, application, log_output=False, debug=False)
