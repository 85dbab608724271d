"""The clean state of the databases, kept as copies beside them: `golden_nova` is what `nova` was when provisioned.

A restore touches only tables that differ from their copy. Services keep running and keep their connections.
argv: save | restore, then the databases. `restore` prints the tables that it restored.
"""
import os
import sys

import pymysql

# Heartbeats of services that keep running: they are not state of the cloud.
HEARTBEATS = {('heat', 'service'), ('magnum', 'magnum_service'), ('nova', 'services'), ('cinder', 'services')}

connection = pymysql.connect(unix_socket=os.environ['SOCKET'], user='root', autocommit=True)
cursor = connection.cursor()


def rows(statement):
    cursor.execute(statement)
    return cursor.fetchall()


def tables(database):
    found = rows("select table_name from information_schema.tables where table_schema = '%s' and table_type = 'BASE TABLE'" % database)
    return [name for (name,) in found if (database, name) not in HEARTBEATS]


def checksums(database, names):
    """Checksum by table. It is a sum over rows, so their order does not matter."""
    if not names:
        return {}
    return {full.split('.')[1]: checksum for full, checksum in
            rows('checksum table ' + ', '.join('`%s`.`%s`' % (database, name) for name in names))}


def save(database):
    copy = 'golden_' + database
    cursor.execute('drop database if exists `%s`' % copy)
    cursor.execute('create database `%s` character set utf8mb3' % copy)
    for name in tables(database):
        cursor.execute('create table `%s`.`%s` like `%s`.`%s`' % (copy, name, database, name))
        cursor.execute('insert into `%s`.`%s` select * from `%s`.`%s`' % (copy, name, database, name))


def restore(database):
    copy = 'golden_' + database
    names = tables(copy)
    live, golden = checksums(database, names), checksums(copy, names)
    for name in names:
        if live[name] != golden[name]:
            cursor.execute('delete from `%s`.`%s`' % (database, name))
            cursor.execute('insert into `%s`.`%s` select * from `%s`.`%s`' % (database, name, copy, name))
            print('%s.%s' % (database, name))


cursor.execute('set foreign_key_checks = 0, unique_checks = 0, innodb_lock_wait_timeout = 20')
for each in sys.argv[2:]:
    {'save': save, 'restore': restore}[sys.argv[1]](each)
