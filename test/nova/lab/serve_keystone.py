"""A real Keystone on loopback, its database in memory, for the suite on a real Nova.

    /usr/bin/python3 serve_keystone.py --port N --compute-url URL --dir DIR [--ttl SECONDS]

Prints one line when it serves: READY {"url", "project", "users": {name: id}, "application_credential": {"id",
"secret"}}. Ends when its standard input is closed, and removes DIR then.

Domain default, project lab, region RegionOne, one compute service. Users, all with the password "secret": admin
(admin on lab), demo and other (members of lab). The application credential is demo's.
"""
import argparse
import json
import os
import sys
import uuid
from unittest import mock

import lifeline
from cryptography import fernet

parser = argparse.ArgumentParser()
parser.add_argument('--port', type=int, required=True)
parser.add_argument('--compute-url', required=True)
parser.add_argument('--dir', required=True, help='a directory of its own, for keys and configuration')
parser.add_argument('--ttl', type=int, default=3600, help='how long a token lives, in seconds')
args = parser.parse_args()
lifeline.end_with_parent(args.dir)

REGION = 'RegionOne'
PASSWORD = 'secret'
URL = f'http://127.0.0.1:{args.port}/v3'

CONFIGURATION = f"""
[DEFAULT]
use_stderr = true
default_log_levels = keystone=ERROR,py.warnings=ERROR,alembic=WARNING
[database]
connection = sqlite://
[token]
expiration = {args.ttl}
allow_expired_window = 0
[fernet_tokens]
key_repository = {args.dir}/fernet
[fernet_receipts]
key_repository = {args.dir}/fernet
[cache]
enabled = true
backend = dogpile.cache.memory
[identity]
password_hash_rounds = 4
"""


def application():
    """Keystone's WSGI application, on an empty database with the schema in it."""
    os.umask(0o077)
    os.mkdir(f'{args.dir}/fernet')
    key = fernet.Fernet.generate_key().decode()
    for name, text in (('keystone.conf', CONFIGURATION), ('fernet/0', key)):
        with open(f'{args.dir}/{name}', 'w') as file:
            file.write(text)
    os.environ.update(OS_KEYSTONE_CONFIG_DIR=args.dir, OS_KEYSTONE_CONFIG_FILES='keystone.conf')
    sys.argv = ['keystone']  # Keystone parses the command line too

    from keystone.common.sql import upgrades
    from keystone.server import wsgi

    app = wsgi.initialize_public_application()
    upgrades.offline_sync_database_to_version()
    return app


def populate():
    """Makes the project, its users and the service catalog. Gives the ids that a client cannot guess."""
    from keystone.cmd import bootstrap
    from keystone.common import provider_api

    keystone = provider_api.ProviderAPIs
    with mock.patch.object(bootstrap.backends, 'load_backends'):  # the application has loaded them
        base = bootstrap.Bootstrapper()
    base.admin_username, base.admin_password, base.admin_role_name = 'admin', PASSWORD, 'admin'
    base.project_name, base.region_id, base.service_name = 'lab', REGION, 'keystone'
    base.public_url = base.internal_url = base.admin_url = URL
    base.bootstrap()

    users = {'admin': base.admin_user_id}
    for name in ('demo', 'other'):
        user = keystone.identity_api.create_user({'name': name, 'password': PASSWORD, 'domain_id': 'default'})
        keystone.assignment_api.add_role_to_user_and_project(user['id'], base.project_id, base.member_role_id)
        users[name] = user['id']

    service = {'id': uuid.uuid4().hex, 'type': 'compute', 'name': 'nova'}
    keystone.catalog_api.create_service(service['id'], service)
    for interface in ('public', 'internal'):
        endpoint = {'id': uuid.uuid4().hex, 'service_id': service['id'], 'region_id': REGION,
                    'interface': interface, 'url': args.compute_url}
        keystone.catalog_api.create_endpoint(endpoint['id'], endpoint)

    credential = {
        'id': uuid.uuid4().hex, 'secret': uuid.uuid4().hex, 'name': 'lab-app',
        'roles': [{'id': base.member_role_id}], 'user_id': users['demo'], 'project_id': base.project_id}
    keystone.application_credential_api.create_application_credential(credential)
    return {'url': URL, 'project': base.project_id, 'users': users,
            'application_credential': {'id': credential['id'], 'secret': credential['secret']}}


def serve(app, ready):
    import logging

    from werkzeug.serving import make_server

    logging.getLogger('werkzeug').setLevel(logging.ERROR)
    # One request at a time: the database in memory is one connection.
    server = make_server('127.0.0.1', args.port, app)
    print('READY', json.dumps(ready), flush=True)
    server.serve_forever()


app = application()
serve(app, populate())
