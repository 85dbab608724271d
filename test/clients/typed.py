"""Types each line of a file at openstackclient, in one process, because each start of it takes seconds. A line of JSON for each.

`{x}` in a line is what an earlier line `x = ...` printed. OS_CLIENT_CONFIG_FILE and OS_CLOUD choose the cloud.
"""
import contextlib
import io
import json
import logging
import re
import shlex
import sys
import warnings

warnings.simplefilter('ignore')
from openstackclient import shell  # noqa: E402

names = {}
for line in open(sys.argv[1]):
    found = re.match(r'(\w+) = (.*)', line)
    name, text = found.groups() if found else (None, line.strip())
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        sys.argv[0] = 'openstack'
        try:
            code = shell.OpenStackShell().run(shlex.split(text.format(**names)))
        except SystemExit as end:
            code = end.code
        except Exception as error:
            code = -1
            err.write(repr(error))
        logging.getLogger().handlers.clear()
    if name:
        names[name] = out.getvalue().strip()
    print(json.dumps({'typed': text, 'code': code or 0, 'out': out.getvalue(), 'err': err.getvalue()}), flush=True)
