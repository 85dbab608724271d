"""What `nova-manage db sync` and its relatives do, once: nova's configuration cannot be parsed twice in a process.

argv: configuration file, URL of the cell0 database, URL of the cell1 database.
"""
import sys

conf, cell0, cell1 = sys.argv[1:]
sys.argv = ['nova-manage', '--config-file', conf, 'db', 'sync']

from nova import config, objects  # noqa: E402
from nova.cmd import manage  # noqa: E402

CELL_EXISTS = 2

manage.CONF.register_cli_opts([manage.category_opt, manage.post_mortem_opt])
config.parse_args(sys.argv)
objects.register_all()
cells = manage.CellV2Commands()
for name, step in (
    ('api_db sync', lambda: manage.ApiDbCommands().sync()),
    ('map_cell0', lambda: cells.map_cell0(cell0)),
    ('create_cell', lambda: cells.create_cell('cell1', cell1, 'fake://')),
    ('db sync', lambda: manage.DbCommands().sync()),
):
    code = step()
    print(name, code)
    if code and not (name == 'create_cell' and code == CELL_EXISTS):
        sys.exit(code)
